#!/usr/bin/env bash
# Version:  HAProxy 3.2.26, Caddy 2.11.4 and Apache httpd 2.4.69 over HTTP/2; nginx 1.30.6 for comparison (all Debian sid).
# Finding:  A frame of which an HTTP/2 client received nothing is logged as delivered, in HAProxy and Caddy without any mark.
#
# Expected: A player cancels a stream before its flow-control window has room (RFC 9113, section 5.2). A server must not send
#           the body then, so it knows that it sent none of it; no socket buffer can hide that, as over HTTP/1.1. HAProxy's
#           manual describes the bytes as those transmitted to the client, with C for a client that left; Caddy's size and
#           Apache's %b are the body's. The line should say 0 bytes or that the client left, as nginx's does.
# Seen:     The client gives the stream a window of 0, receives the header alone, and cancels after half a second.
#           - HAProxy, a hit of its cache: 200, all bytes, LR--, which a complete hit has too. Of a frame larger than its
#             buffer it counts the bytes that fit, still as LR--. (An aborted miss has C.)
#           - Caddy, a body of up to 4,096 bytes: 200, the full size, a duration below a millisecond; of a larger one up to 4,096.
#           - Apache: 200 and the full size in %b. Only %X says X; the common formats do not have it, and in
#             some runs it also marks a frame that had arrived whole.
#           - nginx: 200, 0 bytes, no $request_completion.
# Reading:  Over HTTP/2 a small body's size is no proof of receipt. In HAProxy a total time far above that of the other hits
#           is a hint; in Caddy there is none.
#
#   HAProxy  edge edge/<CACHE> 0/0/0/0/501 200 2144 - - LR-- 1/1/0/0/0 0/0 {unsent} "GET http://edge/thumb HTTP/2.0"
#   Caddy    "uri":"/thumb" "X-Account":["unsent"] "duration":0.000616786,"size":2000,"status":200
#   Apache   unsent /thumb 200 2000 X cache hit                   nginx    unsent /thumb 200 0 HIT
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "run as root: the servers run in a chroot" >&2; exit 77; }
work=$(mktemp -d) pids=()
cleanup() {
  [ $? = 0 ] || tail -n 5 "$work/output" >&2 2>/dev/null || true
  for pid in "${pids[@]}"; do kill -TERM -- "-$pid" 2>/dev/null || true; done
  sleep 0.5
  for pid in "${pids[@]}"; do kill -KILL -- "-$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 143' TERM INT

# unpack SUITE NAME=VERSION…: unpacks the packages and their dependencies below $work/root; installs nothing.
unpack() {
  local suite=$1 apt=$work/apt root=$work/root mirror; shift
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 '/debian/*$')
  mkdir -p "$apt"/{lists,archives}/partial "$root"/{dev/shm,etc,run,tmp,var/log} "$root"/usr/{bin,sbin,lib,lib64}
  touch "$apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$apt/sources"
  cat >"$apt/conf" <<CONF
Dir::Etc::sourcelist "$apt/sources"; Dir::Etc::sourceparts "/dev/null"; Dir::Etc::preferencesparts "/dev/null";
Dir::State "$apt"; Dir::State::Lists "$apt/lists"; Dir::State::status "$apt/status";
Dir::Cache "$apt"; Dir::Cache::Archives "$apt/archives"; Acquire::Languages "none";
APT::Sandbox::User "root"; APT::Install-Recommends "false";
CONF
  APT_CONFIG=$apt/conf apt-get -qq update 2>/dev/null
  APT_CONFIG=$apt/conf apt-get -qq -y --download-only install "$@" base-files >/dev/null 2>&1 ||
    { echo "not in the package pool of $suite any more: $*" >&2; exit 75; }
  for link in bin sbin lib lib64; do [ -e "$root/$link" ] || ln -s "usr/$link" "$root/$link"; done
  for deb in "$apt"/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$root"
  done
  rm -rf "$apt"
  cp -a /dev/null /dev/zero /dev/random /dev/urandom "$root/dev/"
  chmod 1777 "$root/tmp" "$root/dev/shm"
  printf '%s\n' root:x:0:0::/:/bin/sh proxy:x:13:13::/:/bin/sh www-data:x:33:33::/:/bin/sh >"$root/etc/passwd"
  printf '%s\n' root:x:0: proxy:x:13: www-data:x:33: >"$root/etc/group"
}
# serve COMMAND…: runs the command in the chroot, in its own session.
serve() {
  PATH=/usr/sbin:/usr/bin HOME=/tmp setsid chroot "$work/root" "$@" >>"$work/output" 2>&1 &
  pids+=("$!")
  disown
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }


unpack sid haproxy=3.2.26-1 caddy=2.11.4-1 apache2=2.4.69-1 nginx=1.30.6-2
origin=$(free_port) haproxy=$(free_port) caddy=$(free_port) apache=$(free_port) nginx=$(free_port) log=$(free_port)
mkdir -m 777 "$work/root/tmp/cache"
cat >"$work/root/etc/haproxy.cfg" <<CONF
global
  log 127.0.0.1:$log format raw local0
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
cache frames
  total-max-size 4
  max-object-size 100000
  max-age 60
frontend edge
  bind 127.0.0.1:$haproxy proto h2
  log global
  option httplog
  capture request header X-Account len 32
  http-request cache-use frames
  http-response cache-store frames
  default_backend cameras
backend cameras
  server camera 127.0.0.1:$origin
CONF
cat >"$work/root/etc/Caddyfile" <<CONF
{
  admin off
  auto_https off
  persist_config off
  servers {
    protocols h1 h2c
  }
}
http://edge:$caddy {
  bind 127.0.0.1
  log {
    output file /tmp/caddy.log
  }
  reverse_proxy 127.0.0.1:$origin
}
CONF
cat >"$work/root/etc/apache.conf" <<CONF
ServerRoot /usr/lib/apache2
ServerName edge
PidFile /tmp/apache.pid
Listen 127.0.0.1:$apache
ErrorLog /tmp/apache.error.log
User www-data
Group www-data
$(for module in mpm_event authz_core cache cache_disk proxy proxy_http http2; do
  echo "LoadModule ${module}_module modules/mod_$module.so"
done)
Protocols h2c http/1.1
CacheRoot /tmp/cache
CacheEnable disk /
ProxyPass / http://127.0.0.1:$origin/
LogFormat "%{X-Account}i|%U|%>s|%b|%X|%{cache-status}e" edge
CustomLog /tmp/apache.log edge
CONF
cat >"$work/root/etc/nginx.conf" <<CONF
user root;
worker_processes 1;
pid /tmp/nginx.pid;
error_log /tmp/nginx.error.log;
events {}
http {
  log_format edge '\$http_x_account|\$uri|\$status|\$body_bytes_sent|\$request_completion|\$upstream_cache_status';
  proxy_cache_path /tmp/frames keys_zone=frames:1m;
  server {
    listen 127.0.0.1:$nginx;
    http2 on;
    access_log /tmp/nginx.log edge;
    location / {
      proxy_pass http://127.0.0.1:$origin;
      proxy_cache frames;
    }
  }
}
CONF
serve haproxy -db -f /etc/haproxy.cfg
serve caddy run --config /etc/Caddyfile --adapter caddyfile
serve apache2 -DFOREGROUND -f /etc/apache.conf
serve nginx -c /etc/nginx.conf -g 'daemon off;'

ORIGIN=$origin HAPROXY=$haproxy CADDY=$caddy APACHE=$apache NGINX=$nginx HAPROXY_LOG=$log LOGS=$work/root/tmp timeout 90 python3 - <<'PY'
import json, re, struct
import http.client, http.server, os, socket, socketserver, sys, threading, time

class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass

def serve_origin(port, answer):
    """Serves HTTP on loopback; answer(request) gives status, headers and body."""
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            status, headers, body = answer(self)
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if status != 304 and self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    server = Server(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

def await_port(port):
    for _ in range(300):
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
    sys.exit("the server did not start")

def expect(what, seen, wanted):
    if seen != wanted:
        sys.exit(f"the behaviour changed: {what}: saw {seen!r}, not {wanted!r}")
    print(f"seen: {what}: {seen!r}")

SIZES = {"/thumb": 2000, "/frame": 40000}
serve_origin(int(os.environ["ORIGIN"]), lambda request: (200, [("Cache-Control", "max-age=60")], b"x" * SIZES[request.path]))
syslog = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
syslog.bind(("127.0.0.1", int(os.environ["HAPROXY_LOG"])))

# RFC 9113, section 4.1: length, type, flags, stream. Types: 0 DATA, 1 HEADERS, 3 RST_STREAM, 4 SETTINGS.
def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload

# RFC 7541, section 6.2.2: a literal field without indexing, with a new name.
def field(name, value):
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value

def ask(port, path, account, window):
    """Asks with that flow-control window, waits half a second, cancels the stream; returns the bytes of the body that came."""
    client, buffer, received = socket.create_connection(("127.0.0.1", port), 10), b"", 0
    client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, struct.pack(">HI", 4, window)))
    client.sendall(frame(1, 5, 1, field(b":method", b"GET") + field(b":scheme", b"http") + field(b":authority", b"edge") +
                         field(b":path", path.encode()) + field(b"x-account", account.encode())))
    client.settimeout(0.1)
    end = time.time() + 0.5
    while time.time() < end:
        try:
            buffer += client.recv(65536)
        except socket.timeout:
            continue
        while len(buffer) >= 9 and len(buffer) >= 9 + (length := int.from_bytes(buffer[:3], "big")):
            kind, flags = buffer[3:5]
            if kind == 0:
                received += length
            elif kind == 4 and not flags & 1:
                client.sendall(frame(4, 1, 0))
            buffer = buffer[9 + length:]
    client.sendall(frame(3, 0, 1, struct.pack(">I", 8)))
    time.sleep(0.2)
    client.close()
    return received

for server in ("HAPROXY", "CADDY", "APACHE", "NGINX"):
    port = int(os.environ[server])
    await_port(port)
    received = [ask(port, path, account, window) for path in SIZES for account, window in
                (("filler", 65535), ("whole", 65535), ("unsent", 0))]
    expect(f"{server}: bytes that the clients received", received, [2000, 2000, 0, 40000, 40000, 0])
time.sleep(1)
syslog.settimeout(0.2)
haproxy = []
try:
    while True:
        haproxy.append(syslog.recv(4096).decode().strip())
except socket.timeout:
    pass
haproxy = [line for line in haproxy if "<BADREQ>" not in line]  # Without the connection that only waited for the port.
caddy = [json.loads(line) for line in open(os.environ["LOGS"] + "/caddy.log")]
apache, nginx = ([line.strip().split("|") for line in open(f"{os.environ['LOGS']}/{name}.log")] for name in ("apache", "nginx"))
for line in haproxy + [[line[name] for name in ("status", "size", "duration")] for line in caddy] + apache + nginx:
    print("  ", line if isinstance(line, str) else " ".join(map(str, line)))
# Frontend, backend and server, five times, status, bytes, cookies, termination state.
hits = {key: re.search(r" edge edge/<CACHE> \S+/(\d+) (\d+) (\d+) - - (\S+) .*\{" + key, line).groups()
        for line in haproxy for key in ("whole} .*/thumb", "unsent} .*/thumb", "unsent} .*/frame") if re.search(key, line)}
whole, thumb, large = hits.values()
expect("HAProxy's status, bytes and termination state of a whole hit and the unsent one", thumb[1:], whole[1:])
expect("that state", thumb[3], "LR--")
expect("the large frame's status and state", (large[1], large[3]), ("200", "LR--"))
expect("its bytes are some", 10000 < int(large[2]) < 20000, True)
expect("the unsent ones' total times show the wait", [400 < int(hit[0]) < 1000 for hit in (thumb, large)], [True, True])
expect("Caddy's status and size of a whole thumb and the unsent one", [(line["status"], line["size"]) for line in caddy[1:3]],
       [(200, 2000)] * 2)
expect("fields that only one of them has", sorted(set(caddy[1]) ^ set(caddy[2])), [])
expect("the unsent one's duration is short, but not 0", 0 < caddy[2]["duration"] < 0.1, True)
expect("the size of the large one is at most 4,096", caddy[5]["size"] <= 4096, True)
expect("Apache's lines of the unsent", apache[2::3], [["unsent", "/thumb", "200", "2000", "X", "cache hit"],
                                                      ["unsent", "/frame", "200", "40000", "X", "cache hit"]])
expect("nginx's", nginx[2::3], [["unsent", "/thumb", "200", "0", "", "HIT"], ["unsent", "/frame", "200", "0", "", "HIT"]])
PY
