#!/usr/bin/env bash
# Version:  nginx 1.30.6 (Debian sid, nginx 1.30.6-2), proxy_cache.
# Finding:  Where proxy_cache is on, a client that left before the answer is logged with 200 instead of 499; the origin's
#           whole answer is awaited and then thrown away.
#
# Expected: 499 is nginx's code for a client that closed the connection before the answer, and proxy_ignore_client_abort, off
#           by default, says that the request to the origin is closed too. With a cache, nginx could let the fetch go on to
#           fill it; then the next request should be a HIT. In either case the line should say 499.
# Seen:     The origin needs 1.5 s; the client leaves after 0.3 s.
#           - Without a cache: 499, 0.3 s, "-".
#           - With a cache: 200, MISS, upstream status 200, 0 bytes, 1.5 s. The frame id is that of an answer that nobody has:
#             the next request is a MISS again and brings another frame. proxy_cache_bypass with proxy_no_cache is alike.
#           - A client that leaves in the middle of the body: 200, MISS, some of the bytes; and here the frame is stored.
#           - With proxy_ignore_client_abort on, or while it waits for another's fill (proxy_cache_lock), a client that closed
#             its connection after 0.3 s: 200, MISS or HIT, all bytes, and OK as $request_completion.
#           So a filter on status 499 finds no client that left a cached location, a MISS with 0 bytes is no fill, and a MISS
#           with some of the bytes is one.
# Reading:  In a cached location 200 with 0 bytes of a body that has some means 499, and its MISS is no fill (unless
#           proxy_ignore_client_abort is on). Only the first HIT proves a fill.
#
#   /plain/a left 499 - upstream=- bytes=0 0.304 completion= fid=-
#   /cached/a left 200 MISS upstream=200 bytes=0 1.501 completion= fid=f3      next 200 MISS bytes=5000 completion=OK fid=f4
#   /cached/body left 200 MISS upstream=200 bytes=1498672 completion= fid=f7      next 200 HIT bytes=3000000 completion=OK fid=f7
#   /cached/lock left 200 HIT upstream=- bytes=5000 1.502 completion=OK fid=f9
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
origin=$(free_port) edge=$(free_port)
cat >"$work/root/etc/edge.conf" <<CONF
user root;
worker_processes 1;
pid /tmp/nginx.pid;
error_log /tmp/error.log;
events {}
http {
  log_format edge '\$uri|\$http_x_account|\$status|\$upstream_cache_status|\$upstream_status|\$body_bytes_sent|\$request_time|'
                  '\$request_completion|\$upstream_http_x_frame_id';
  access_log /tmp/access.log edge;
  proxy_cache_path /tmp/frames keys_zone=frames:1m;
  server {
    listen 127.0.0.1:$edge;
    location /plain/ { proxy_pass http://127.0.0.1:$origin; }
    location /cached/ { proxy_pass http://127.0.0.1:$origin; proxy_cache frames; proxy_cache_lock on; }
    location /bypassed/ { proxy_pass http://127.0.0.1:$origin; proxy_cache frames; proxy_cache_bypass 1; proxy_no_cache 1; }
    location /ignored/ { proxy_pass http://127.0.0.1:$origin; proxy_cache frames; proxy_ignore_client_abort on; }
  }
}
CONF
serve nginx -c /etc/edge.conf -g 'daemon off;'

ORIGIN=$origin EDGE=$edge LOG=$work/root/tmp/access.log timeout 90 python3 - <<'PY'
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
ORIGIN, EDGE, LOG = int(os.environ["ORIGIN"]), int(os.environ["EDGE"]), os.environ["LOG"]
LENGTHS = {"/cached/body": 3_000_000}
frames = 0

class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        global frames
        frames += 1
        body = b"x" * LENGTHS.get(self.path, 5000)
        half = len(body) // 2 if self.path in LENGTHS else 0
        header = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nCache-Control: max-age=60\r\nX-Frame-Id: f{frames}\r\n\r\n"
        if half:
            self.wfile.write(header.encode() + body[:half])
        time.sleep(1.5)
        self.wfile.write(body[half:] if half else header.encode() + body)

    def log_message(self, *_):
        pass

threading.Thread(target=Server(("127.0.0.1", ORIGIN), Origin).serve_forever, daemon=True).start()
await_port(EDGE)

def leave(path, account):
    """Asks and closes the connection after 0.3 s."""
    client = socket.create_connection(("127.0.0.1", EDGE), 10)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: edge\r\nX-Account: {account}\r\n\r\n".encode())
    time.sleep(0.3)
    client.close()

def ask(path, account):
    expect(f"bytes for {account} of {path}", len(fetch(EDGE, path, {"X-Account": account})[2]), LENGTHS.get(path, 5000))

for path in ("/plain/a", "/cached/a", "/bypassed/a", "/cached/body", "/ignored/a"):
    leave(path, "left")
    time.sleep(2)
    ask(path, "next")
filler = threading.Thread(target=ask, args=("/cached/lock", "filler"))
filler.start()
time.sleep(0.3)
leave("/cached/lock", "left")
filler.join()
time.sleep(1)
lines = {}
for line in open(LOG):
    path, account, *fields = line.rstrip("\n").split("|")
    print("  ", path, account, *fields)
    lines[path, account] = dict(zip(("status", "cache", "upstream", "bytes", "time", "completion", "frame"), fields))

def show(path, account, *names):
    return tuple(lines[path, account][name] for name in names)

def waited(path):
    return float(lines[path, "left"]["time"]) > 1

VERDICT = ("status", "cache", "upstream", "bytes", "completion", "frame")
expect("left without a cache", show("/plain/a", "left", *VERDICT), ("499", "-", "-", "0", "", "-"))
expect("its line waits for the origin", waited("/plain/a"), False)
expect("left a cached location", show("/cached/a", "left", *VERDICT), ("200", "MISS", "200", "0", "", "f3"))
expect("its line waits for the origin", waited("/cached/a"), True)
expect("the next one there", show("/cached/a", "next", "status", "cache", "completion", "frame"), ("200", "MISS", "OK", "f4"))
expect("left a bypassed one", show("/bypassed/a", "left", *VERDICT), ("200", "BYPASS", "200", "0", "", "f5"))
expect("left in the body", show("/cached/body", "left", "status", "cache", "completion", "frame"), ("200", "MISS", "", "f7"))
expect("its bytes are some", 0 < int(lines["/cached/body", "left"]["bytes"]) < 3_000_000, True)
expect("the next one there", show("/cached/body", "next", "status", "cache", "completion", "frame"), ("200", "HIT", "OK", "f7"))
expect("left with proxy_ignore_client_abort", show("/ignored/a", "left", *VERDICT), ("200", "MISS", "200", "5000", "OK", "f8"))
expect("the next one there", show("/ignored/a", "next", "status", "cache", "frame"), ("200", "HIT", "f8"))
expect("left while waiting for another's fill", show("/cached/lock", "left", *VERDICT), ("200", "HIT", "-", "5000", "OK", "f9"))
expect("its line waits for the fill", waited("/cached/lock"), True)
PY
