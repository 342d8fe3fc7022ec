#!/usr/bin/env bash
# Version:  nginx 1.30.6 (Debian sid, nginx 1.30.6-2), proxy_cache.
# Finding:  If the origin sends 103 Early Hints before its 200, the fill's line has $upstream_status 103.
#
# Expected: The documentation describes $upstream_status as the status of the upstream's response, a list if several
#           servers were asked, and $body_bytes_sent as the bytes sent without the response header. The line should have
#           200, or a list of 103 and 200, and the frame's length: HTTP has one final answer, and a 103 is none.
# Seen:     Client and cache have the 200 with its 7 bytes. The line has upstream status 103 whether early_hints passes the
#           hint on or drops it; if it passes it on, the hint's header counts as 98 body bytes. The next request, a HIT, has
#           "-" and 7. A filter on $upstream_status 200 drops every such fill and keeps its hits.
# Reading:  The client's status and the cache status describe the fill. An upstream status below 200 is not the answer's.
#
#   early_hints on:   200 upstream=103 MISS f1 bytes=105 acct-1     200 upstream=- HIT f1 bytes=7 acct-2
#   early_hints off:  200 upstream=103 MISS f1 bytes=7 acct-3       200 upstream=- HIT f1 bytes=7 acct-4
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

unpack sid nginx=1.30.6-2
origin=$(free_port) on=$(free_port) off=$(free_port)
server() {
  echo "server {
    listen 127.0.0.1:$1;
    access_log /tmp/access.log edge;
    location / {
      proxy_pass http://127.0.0.1:$origin;
      proxy_cache $2;
      early_hints $3;
    }
  }"
}
cat >"$work/root/etc/edge.conf" <<CONF
user root;
worker_processes 1;
pid /tmp/nginx.pid;
error_log /tmp/error.log;
events {}
http {
  log_format edge '\$status \$upstream_status \$upstream_cache_status \$sent_http_x_frame_id \$body_bytes_sent \$http_x_account';
  proxy_cache_path /tmp/passed keys_zone=passed:1m;
  proxy_cache_path /tmp/dropped keys_zone=dropped:1m;
  $(server "$on" passed 1)
  $(server "$off" dropped 0)
}
CONF
serve nginx -c /etc/edge.conf -g 'daemon off;'

ORIGIN=$origin ON=$on OFF=$off LOG=$work/root/tmp/access.log timeout 60 python3 - <<'PY'
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

def fetch(port, path, headers={}, method="GET", source="127.0.0.1"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=(source, 0))
    connection.request(method, path, headers={"Connection": "close", **headers})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    time.sleep(0.1)  # The server may write its line after the answer.
    return response.status, {name.lower(): value for name, value in response.getheaders()}, body

def expect(what, seen, wanted):
    if seen != wanted:
        sys.exit(f"the behaviour changed: {what}: saw {seen!r}, not {wanted!r}")
    print(f"seen: {what}: {seen!r}")
ORIGIN, ON, OFF, LOG = int(os.environ["ORIGIN"]), int(os.environ["ON"]), int(os.environ["OFF"]), os.environ["LOG"]
HINT = b"HTTP/1.1 103 Early Hints\r\nLink: </frame.css>; rel=preload; as=style\r\nX-Hint: none of the frame\r\n\r\n"

def answer(request):
    request.wfile.write(HINT)
    time.sleep(1)
    return 200, [("Cache-Control", "max-age=60"), ("X-Frame-Id", "f1")], b"frame-1"

def ask(port, account):
    """The statuses and the body that a client receives."""
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(f"GET /a HTTP/1.1\r\nHost: edge\r\nX-Account: {account}\r\nConnection: close\r\n\r\n".encode())
        received = b"".join(iter(lambda: client.recv(65536), b""))
    statuses = [line.split()[1].decode() for line in received.split(b"\r\n") if line.startswith(b"HTTP/1.1")]
    return statuses, received.rpartition(b"\r\n\r\n")[2]

serve_origin(ORIGIN, answer)
await_port(OFF)
expect("a fill, the hint passed on", ask(ON, "acct-1"), (["103", "200"], b"frame-1"))
expect("a hit", ask(ON, "acct-2"), (["200"], b"frame-1"))
expect("a fill, the hint dropped", ask(OFF, "acct-3"), (["200"], b"frame-1"))
expect("a hit", ask(OFF, "acct-4"), (["200"], b"frame-1"))
time.sleep(0.5)
lines = {line.split()[-1]: line.split()[:-1] for line in open(LOG)}
for account, line in lines.items():
    print("  ", *line, account)
hinted = len(b"frame-1") + len(HINT)
expect("the fill's line, the hint passed on", lines["acct-1"], ["200", "103", "MISS", "f1", str(hinted)])
expect("the hit's", lines["acct-2"], ["200", "-", "HIT", "f1", "7"])
expect("the fill's line, the hint dropped", lines["acct-3"], ["200", "103", "MISS", "f1", "7"])
expect("the hit's", lines["acct-4"], ["200", "-", "HIT", "f1", "7"])
PY
