#!/usr/bin/env bash
# Version:  Apache httpd 2.4.71 (Debian 13, apache2 2.4.71-1~deb13u1), mod_cache with mod_cache_disk.
# Finding:  A conditional request with an old entity tag is a "cache miss" while the entry is fresh, and refills it; two clients
#           that poll with the tags that they have make every request a miss.
#
# Expected: RFC 9111, section 4.3.2, lets a cache answer such a request by itself: if the fresh entry has another tag than
#           If-None-Match names, its answer is 200 with the entry. So a client with an old tag should have a "cache hit", as
#           it has in nginx 1.30, Vinyl 9, Squid 7 and HAProxy 3.2, and a miss should mean that there was nothing fresh.
# Seen:     The origin has max-age=60 and a new frame for each request.
#           - acct-3 asks with a tag that is not the entry's: "cache miss: attempting entity save", and the entry is replaced:
#             acct-4 has a hit on the new frame. An If-Range with such a tag is alike. A tag that matches is a hit, 304.
#           - Two clients poll by turns, each with the tag of its last answer: ten polls in two seconds, ten misses, ten frames
#             from the origin. Each poll makes the other's tag old.
#           - If the client with the old tag leaves, its miss names f2, and the next hit is on f1, the entry from before.
#           The words in the log are those of a cold key.
# Reading:  A miss does not prove that the entry had expired, been purged or never been there, and the time between two misses
#           is no time to live. Log %{If-None-Match}i.
#
#   acct-1 -     200 f1 cache miss: attempting entity save        acct-2 -     200 f1 cache hit
#   acct-3 "old" 200 f2 cache miss: attempting entity save        acct-4 -     200 f2 cache hit
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
LogFormat "%U|%{X-Account}i|%>s|%{X-Frame-Id}o|%{cache-status}e" edge
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
frames = {}

def answer(request):
    """A new frame for each request, with a tag of its own; 304 if the client has the last one."""
    last = frames.get(request.path, 0)
    if request.headers["X-Account"] == "left":
        time.sleep(1)
    if last and request.headers.get("If-None-Match") == f'"tag-{last}"':
        return 304, [("ETag", f'"tag-{last}"'), ("Cache-Control", "max-age=60")], b""
    frames[request.path] = last + 1
    return 200, [("ETag", f'"tag-{last + 1}"'), ("Cache-Control", "max-age=60"), ("X-Frame-Id", f"f{last + 1}")], b"frame"

serve_origin(ORIGIN, answer)
await_port(EDGE)

def ask(path, account, headers={}):
    """The tag of the answer."""
    return fetch(EDGE, path, {"X-Account": account, **headers})[1].get("etag")

for path, condition in (("/poll", {"If-None-Match": '"old"'}), ("/range", {"Range": "bytes=0-1", "If-Range": '"old"'})):
    ask(path, "acct-1")
    ask(path, "acct-2")
    ask(path, "acct-3", condition)
    ask(path, "acct-4")
ask("/poll", "acct-5", {"If-None-Match": '"tag-2"'})
tags = {"acct-6": ask("/two", "acct-6"), "acct-7": '"old"'}
start = time.time()
for account in ("acct-7", "acct-6") * 5:
    tags[account] = ask("/two", account, {"If-None-Match": tags[account]})
expect("the polls took less than max-age", time.time() - start < 60, True)
ask("/left", "acct-1")
with socket.create_connection(("127.0.0.1", EDGE), 10) as client:
    client.sendall(b"GET /left HTTP/1.1\r\nHost: edge\r\nX-Account: left\r\nIf-None-Match: \"old\"\r\n\r\n")
    time.sleep(0.3)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
time.sleep(1.5)
ask("/left", "acct-2")
time.sleep(0.5)
lines = [line.strip().split("|") for line in open(LOG)]
for line in lines:
    print("  ", *line)

def show(path):
    return [line[1:] for line in lines if line[0] == path]

SAVE, HIT = "cache miss: attempting entity save", "cache hit"
for path in ("/poll", "/range"):
    expect(f"the first four lines of {path}", show(path)[:4], [["acct-1", "200", "f1", SAVE], ["acct-2", "200", "f1", HIT],
                                                              ["acct-3", "200", "f2", SAVE], ["acct-4", "200", "f2", HIT]])
status, _, verdict = show("/poll")[4][1:]
expect("status and verdict of a tag that matches", (status, verdict), ("304", HIT))
expect("frames and verdicts of the polls of two", [line[2:] for line in show("/two")[1:]],
       [[f"f{number}", SAVE] for number in range(2, 12)])
expect("a client with an old tag that left, and the next", show("/left"),
       [["acct-1", "200", "f1", SAVE], ["left", "200", "f2", SAVE], ["acct-2", "200", "f1", HIT]])
PY
