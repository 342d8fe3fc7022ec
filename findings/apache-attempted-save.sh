#!/usr/bin/env bash
# Version:  Apache httpd 2.4.71 (Debian 13, apache2 2.4.71-1~deb13u1), mod_cache with mod_cache_disk.
# Finding:  mod_cache logs "cache miss: attempting entity save" for answers that it never stores.
#
# Expected: The manual says that cache-status holds the detailed reason for the caching decision, and repeats it under
#           cache-hit, cache-miss, cache-revalidate or cache-invalidate. Other misses say "cache unwilling to store
#           response", so "attempting entity save" should mark the fills.
# Seen:     - A client leaves while the origin works on its answer. The line says 200, "attempting entity save" and 0 body
#             bytes, in some runs all of them; the next request is a miss again.
#           - A HEAD on a cold key says "attempting entity save"; the next GET is a miss again, and only its answer is kept.
#           - A reply with "Cache-Control: private" has the reason "Cache-Control: private present": neither hit nor miss.
# Reading:  Only the first hit proves an entry. The save of an aborted line (%X is X) or of a HEAD is none.
#
#   GET  /late X 200 0 f1 cache miss: attempting entity save      GET /late - 200 5 f2 cache miss: attempting entity save
#   HEAD /head - 200 0 f3 cache miss: attempting entity save      GET /head - 200 5 f4 cache miss: attempting entity save
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

unpack trixie apache2=2.4.71-1~deb13u1
origin=$(free_port) edge=$(free_port)
mkdir -m 777 "$work/root/tmp/cache"
cat >"$work/root/etc/edge.conf" <<CONF
ServerRoot /usr/lib/apache2
ServerName edge
PidFile /tmp/edge.pid
Listen 127.0.0.1:$edge
ErrorLog /tmp/error.log
User www-data
Group www-data
$(for module in mpm_event authz_core cache cache_disk proxy proxy_http; do
  echo "LoadModule ${module}_module modules/mod_$module.so"
done)
CacheRoot /tmp/cache
CacheEnable disk /
ProxyPass / http://127.0.0.1:$origin/
LogFormat "%m|%U|%X|%>s|%B|%{X-Frame-Id}o|%{cache-status}e|%{cache-miss}e" edge
CustomLog /tmp/access.log edge
CONF
serve apache2 -DFOREGROUND -f /etc/edge.conf

ORIGIN=$origin EDGE=$edge LOG=$work/root/tmp/access.log timeout 60 python3 - <<'PY'
import struct
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
    global count
    count += 1
    headers = [("Cache-Control", ("private, " if "private" in request.path else "") + "max-age=60"), ("X-Frame-Id", f"f{count}")]
    if request.path == "/late":
        time.sleep(1)
    return 200, headers, b"frame"

serve_origin(ORIGIN, answer)
await_port(EDGE)
client = socket.create_connection(("127.0.0.1", EDGE))
client.sendall(b"GET /late HTTP/1.1\r\nHost: edge\r\n\r\n")
time.sleep(0.3)
client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
client.close()
time.sleep(1.5)
fetch(EDGE, "/late")
fetch(EDGE, "/late")
fetch(EDGE, "/head", method="HEAD")
fetch(EDGE, "/head")
fetch(EDGE, "/head")
fetch(EDGE, "/private")
time.sleep(0.5)
lines = [line.strip().split("|") for line in open(LOG)]
for line in lines:
    print("  ", *line)
SAVE, HIT = "cache miss: attempting entity save", "cache hit"
late = [line[2:7] for line in lines if line[1] == "/late"]
expect("the client that left", late[0][:2] + late[0][3:], ["X", "200", "f1", SAVE])
expect("the next two", [line[3:] for line in late[1:]], [["f2", SAVE], ["f2", HIT]])
expect("a HEAD, then two GETs", [[line[0], *line[5:7]] for line in lines if line[1] == "/head"],
       [["HEAD", "f3", SAVE], ["GET", "f4", SAVE], ["GET", "f4", HIT]])
private = [line[6:] for line in lines if line[1] == "/private"]
expect("a private reply's reason, and under cache-miss", private, [["Cache-Control: private present"] * 2])
PY
