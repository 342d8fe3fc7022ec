#!/usr/bin/env bash
# Version:  Squid 7.7 (Debian sid, squid 7.7-1), its access log.
# Finding:  An answer without a Date field is stored, and is never fresh: each delivery asks the origin, whatever max-age says.
#
# Expected: RFC 9110, section 6.6.1, forbids Date to an origin without a clock, such as a small camera, and says that a
#           recipient with a clock records when such an answer came. So "Cache-Control: max-age=60" should make it fresh for a
#           minute, as in nginx and Vinyl, and the second request should be a TCP_MEM_HIT.
# Seen:     Two cameras differ in the Date field alone, five requests each. With Date: TCP_MISS, then four TCP_MEM_HIT, one
#           request at the origin. Without: TCP_MISS, then four TCP_REFRESH_MODIFIED, five requests at the origin, five
#           frames; with an entity tag TCP_REFRESH_UNMODIFIED, and 304 from the origin. In both cases the code says that an
#           entry had expired, a tenth of a second after it was filled. The clients' answers have a Date, which Squid adds.
# Reading:  TCP_REFRESH codes within max-age of the fill come from a camera without a clock. Fills then equal deliveries, and
#           a time to live inferred from the log is none.
#
#   TCP_MISS/200 GET http://edge/clock/a f1            TCP_MEM_HIT/200 GET http://edge/clock/a f1
#   TCP_MISS/200 GET http://edge/no-clock/a f1         TCP_REFRESH_MODIFIED/200 GET http://edge/no-clock/a f2
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


unpack sid squid=7.7-1
origin=$(free_port) edge=$(free_port)
mkdir -p "$work/root"/{run,var/spool,var/log}/squid
chmod 777 "$work/root"/{run,var/spool,var/log}/squid
cat >"$work/root/etc/edge.conf" <<CONF
http_port 127.0.0.1:$edge accel defaultsite=edge no-vhost
cache_peer 127.0.0.1 parent $origin 0 no-query originserver no-digest no-netdb-exchange
http_access allow all
cache_mem 20 MB
icp_port 0
pinger_enable off
coredump_dir /tmp
pid_filename /tmp/squid.pid
cache_log /tmp/cache.log
logformat edge %Ss/%>Hs %<Hs %rm %ru %{X-Frame-Id}<h
access_log stdio:/tmp/access.log edge
CONF
serve squid-gnutls -N -f /etc/edge.conf

ORIGIN=$origin EDGE=$edge LOG=$work/root/tmp/access.log timeout 90 python3 - <<'PY'
import email.utils
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
asked = {}

class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        number = asked[self.path] = asked.get(self.path, 0) + 1
        known = self.headers.get("If-None-Match") == '"tag"'
        header = ["HTTP/1.1 304 Not Modified" if known else "HTTP/1.1 200 OK\r\nContent-Length: 5", "Cache-Control: max-age=60",
                  f"X-Frame-Id: f{number}"]
        if self.path.startswith("/clock/"):
            header.append("Date: " + email.utils.formatdate(usegmt=True))
        if self.path.endswith("/tagged"):
            header.append('ETag: "tag"')
        self.wfile.write("\r\n".join(header + ["", "" if known else "frame"]).encode())

    def log_message(self, *_):
        pass

threading.Thread(target=Server(("127.0.0.1", ORIGIN), Origin).serve_forever, daemon=True).start()
await_port(EDGE)
for _ in range(100):  # Squid answers 503 until it knows its peer.
    if fetch(EDGE, "/clock/ready")[0] == 200:
        break
PATHS = ("/clock/a", "/no-clock/a", "/clock/tagged", "/no-clock/tagged")
answers = {path: [fetch(EDGE, path)[1] for _ in range(5)] for path in PATHS}
time.sleep(1)
lines = {path: [] for path in PATHS}
for line in open(LOG):
    code, origin_status, method, url, frame = line.split()
    path = url.removeprefix("http://edge")
    if path in lines:
        print("  ", line.strip())
        lines[path].append((code, origin_status))
expect("requests at the origin with and without a clock", [asked[path] for path in PATHS], [1, 5, 1, 5])
expect("the lines with a clock", lines["/clock/a"], [("TCP_MISS/200", "200")] + [("TCP_MEM_HIT/200", "-")] * 4)
expect("with an entity tag", lines["/clock/tagged"], lines["/clock/a"])
expect("the lines without a clock", lines["/no-clock/a"], [("TCP_MISS/200", "200")] + [("TCP_REFRESH_MODIFIED/200", "200")] * 4)
expect("with an entity tag", lines["/no-clock/tagged"], [("TCP_MISS/200", "200")] + [("TCP_REFRESH_UNMODIFIED/200", "304")] * 4)
expect("all answers to clients have Date", {"date" in answer for path in PATHS for answer in answers[path]}, {True})
PY
