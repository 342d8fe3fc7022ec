#!/usr/bin/env bash
# Version:  nginx 1.30.6 (Debian sid, nginx 1.30.6-2), proxy_cache with the slice module.
# Finding:  A line has the verdict of the first slice alone: HIT and no upstream at all, though the origin sent the rest.
#
# Expected: The documentation says that the slice filter splits a request into subrequests that fill the cache, and that
#           $upstream_addr, $upstream_status and $upstream_bytes_received list all servers that were asked for a request. A
#           delivery of which the origin sent four fifths should be a MISS, or its lists should show the requests.
# Seen:     - A clip of five slices, the first in the cache: HIT, "-" for server, status, time and bytes from the origin, and
#             5,000 bytes to the client; the origin received four requests for this line. The next line, when all slices are
#             in the cache, is alike in every field.
#           - A range whose first slice is new and whose second is in the cache: MISS; the other way round: HIT.
#           - The frame id in the line is the first slice's. The origin numbers its answers, and the client's body has five
#             numbers: f1, f2, f3, f4 and f5.
#           So the fills are not in the log, a hit ratio by bytes is too high, and the time of the fill that a slice came from
#           is unknown.
# Reading:  A HIT of a sliced location speaks for the first slice that the client asked for, not for the rest. Count its fills
#           at the origin.
#
#   acct-1 "bytes=0-99" 206 MISS upstream=206 from-origin=1187 bytes=100 f1
#   acct-2 "-"          200 HIT  upstream=-   from-origin=-    bytes=5000 f1        the origin sent f2, f3, f4 and f5
#   acct-3 "-"          200 HIT  upstream=-   from-origin=-    bytes=5000 f1        the origin sent nothing
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
  log_format edge '\$uri|\$http_x_account|\$http_range|\$status|\$upstream_cache_status|\$upstream_addr|\$upstream_status|'
                  '\$upstream_response_time|\$upstream_bytes_received|\$body_bytes_sent|\$sent_http_x_frame_id';
  proxy_cache_path /tmp/frames keys_zone=frames:1m;
  server {
    listen 127.0.0.1:$edge;
    access_log /tmp/access.log edge;
    location / {
      slice 1000;
      proxy_cache frames;
      proxy_cache_key \$uri\$slice_range;
      proxy_set_header Range \$slice_range;
      proxy_cache_valid 200 206 1m;
      proxy_pass http://127.0.0.1:$origin;
    }
  }
}
CONF
serve nginx -c /etc/edge.conf -g 'daemon off;'

ORIGIN=$origin EDGE=$edge LOG=$work/root/tmp/access.log timeout 60 python3 - <<'PY'
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
count = 0

def answer(request):
    """A slice whose bytes are the number of the answer."""
    global count
    count += 1
    first, last = (int(bound) for bound in request.headers["Range"].removeprefix("bytes=").split("-"))
    last = min(last, 4999)
    headers = [("ETag", '"clip"'), ("Content-Range", f"bytes {first}-{last}/5000"), ("X-Frame-Id", f"f{count}")]
    return 206, headers, b"%d" % count * (last - first + 1)

serve_origin(ORIGIN, answer)
await_port(EDGE)

def ask(path, account, byte_range=None):
    """The answers of the origin that the client's body is made of, and how many of them the origin sent for this request."""
    before = count
    body = fetch(EDGE, path, {"X-Account": account} | ({"Range": byte_range} if byte_range else {}))[2].decode()
    return "".join(sorted(set(body))), count - before

expect("acct-1 receives the first slice", ask("/clip", "acct-1", "bytes=0-99"), ("1", 1))
expect("acct-2 receives the clip, four slices from the origin", ask("/clip", "acct-2"), ("12345", 4))
expect("acct-3 receives the clip, none from the origin", ask("/clip", "acct-3"), ("12345", 0))
expect("acct-4 receives another clip's third slice", ask("/late", "acct-4", "bytes=2000-2099"), ("6", 1))
expect("acct-5 receives its second and third slice", ask("/late", "acct-5", "bytes=1000-2999"), ("67", 1))
expect("acct-6 receives its third and fourth slice", ask("/late", "acct-6", "bytes=2000-3999"), ("68", 1))
time.sleep(0.5)
lines = {}
for line in open(LOG):
    path, account, *fields = line.rstrip("\n").split("|")
    print("  ", path, account, *fields)
    lines[account] = dict(zip(("range", "status", "cache", "server", "upstream", "time", "received", "sent", "frame"), fields))

def show(account, *names):
    return tuple(lines[account][name] for name in names)

expect("acct-1's line", show("acct-1", "status", "cache", "upstream", "sent", "frame"), ("206", "MISS", "206", "100", "f1"))
expect("acct-2's line", show("acct-2", "status", "cache", "server", "upstream", "time", "received", "sent", "frame"),
       ("200", "HIT", "-", "-", "-", "-", "5000", "f1"))
expect("acct-3's line has the same", lines["acct-3"], lines["acct-2"])
expect("acct-5's verdict, servers and frame: its first slice was new", show("acct-5", "cache", "server", "frame"),
       ("MISS", f"127.0.0.1:{ORIGIN}", "f7"))
expect("acct-6's: its first slice was in the cache", show("acct-6", "cache", "server", "frame"), ("HIT", "-", "f6"))
PY
