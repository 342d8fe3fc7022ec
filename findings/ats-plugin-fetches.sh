#!/usr/bin/env bash
# Version:  Apache Traffic Server 9.2 (Debian 12, trafficserver 9.2.5+ds-0+deb12u4), plugins background_fetch and prefetch.
# Finding:  The access log records the plugins' own fetches as complete deliveries to the client that triggered them.
#
# Expected: background_fetch's page says that a 206 leads to a replay of the request without Range, transparent to the
#           client; prefetch's page says that the next objects are fetched into the cache. Neither mentions the access log.
#           Such a fetch should have no line (nginx and Varnish write none for theirs), or one that differs by client
#           address, finish status or bytes sent.
# Seen:     The line has the client's address, its account header, 200, TCP_MISS, FIN and 300,000 bytes sent to the client.
#           Three clients received 100 bytes of one frame and one frame each; the log has six such lines, and three of them
#           reached nobody. A prefetch that finds its object in the cache adds a line with status 208, TCP_HIT, chm MISS.
#           Only %<cqint>, a field that no shipped format has, is 1 for a request that a plugin made.
# Reading:  Without cqint, a TCP_MISS line under these plugins is a fill; it is a delivery only if the client or a relay in
#           front logged it too.
#
#   127.0.0.2 acct-1 clip/1   206 100    TCP_MISS MISS FIN range=bytes=0-99 fid=f1
#   127.0.0.2 acct-1 clip/1   200 300000 TCP_MISS MISS FIN range=- fid=f2             reached nobody
#   127.0.0.3 acct-2 next/x-1 200 300000 TCP_MISS MISS FIN range=- fid=f3
#   127.0.0.3 acct-2 next/x-2 200 300000 TCP_MISS MISS FIN range=- fid=f4             reached nobody
#   127.0.0.4 acct-3 next/x-2 200 300000 TCP_HIT  HIT  FIN range=- fid=f4
#   127.0.0.4 acct-3 next/x-3 200 300000 TCP_MISS MISS FIN range=- fid=f5             reached nobody
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

unpack bookworm trafficserver=9.2.5+ds-0+deb12u4 dash coreutils
origin=$(free_port) edge=$(free_port)
etc=$work/root/etc/trafficserver
mkdir -p "$work/root"/{logs,store,run/trafficserver,var/cache/trafficserver} "$etc"
cat >"$etc/records.config" <<CONF
CONFIG proxy.config.http.server_ports STRING $edge:ip-in=127.0.0.1
CONFIG proxy.config.http.cache.required_headers INT 0
CONFIG proxy.config.log.max_secs_per_buffer INT 1
CONFIG proxy.config.log.logfile_dir STRING /logs
CONFIG proxy.config.exec_thread.autoconfig.enabled INT 0
CONFIG proxy.config.exec_thread.limit INT 1
CONFIG proxy.config.admin.user_id STRING #-1
CONFIG proxy.config.crash_log_helper STRING NULL
CONF
echo '/store 32M' >"$etc/storage.config"
: >"$etc/plugin.config"
camera=http://127.0.0.1:$origin front=http://127.0.0.1:$edge
cat >"$etc/remap.config" <<CONF
map $front/clip/ $camera/clip/ @plugin=background_fetch.so
map $front/next/ $camera/next/ @plugin=cachekey.so @plugin=prefetch.so @pparam=--front=true @pparam=--fetch-policy=simple @pparam=--fetch-path-pattern=/(.*)-(\\d+)\$/\$1-{\$2+1}/ @pparam=--fetch-count=1
CONF
cat >"$etc/logging.yaml" <<'CONF'
logging:
  formats:
    - name: access
      format: '%<chi> %<{X-Account}cqh> %<cqup> %<pssc> %<pscl> %<crc> %<chm> %<cfsc> range=%<{Range}cqh> fid=%<{X-Frame-Id}psh> int=%<cqint> plugin=%<pitag>'
  logs:
    - filename: access
      format: access
CONF
serve traffic_server

ORIGIN=$origin EDGE=$edge LOG=$work/root/logs/access.log timeout 120 python3 - <<'PY'
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
    headers = [("Cache-Control", "max-age=600"), ("X-Frame-Id", f"f{count}")]
    if request.headers.get("Range"):
        return 206, headers + [("Content-Range", "bytes 0-99/300000")], b"x" * 100
    return 200, headers, b"x" * 300_000

serve_origin(ORIGIN, answer)
await_port(EDGE)
for _ in range(100):  # The cache opens after the port does; until then nothing is stored.
    if "x-frame-id" in fetch(EDGE, "/clip/warm-up")[1] and int(fetch(EDGE, "/clip/warm-up")[1].get("age", -1)) >= 0:
        before = count
        fetch(EDGE, "/clip/warm-up")
        if count == before:
            break
    time.sleep(0.1)
count = 0
received = []
for source, account, path, headers in [
    ("127.0.0.2", "acct-1", "/clip/1", {"Range": "bytes=0-99"}),
    ("127.0.0.3", "acct-2", "/next/x-1", {}),
    ("127.0.0.4", "acct-3", "/next/x-2", {}),
    ("127.0.0.5", "acct-4", "/next/x-1", {}),
]:
    _, _, body = fetch(EDGE, path, {"X-Account": account, **headers}, source=source)
    received.append((account, path, len(body)))
    time.sleep(1)

for _ in range(40):
    time.sleep(0.5)
    lines = [line.split() for line in open(LOG) if "warm-up" not in line] if os.path.exists(LOG) else []
    if len(lines) >= 8:
        break
time.sleep(2)
lines = [line.split() for line in open(LOG) if "warm-up" not in line]
for line in lines:
    print("  ", *line)
expect("what the clients received", received,
       [("acct-1", "/clip/1", 100), ("acct-2", "/next/x-1", 300_000), ("acct-3", "/next/x-2", 300_000), ("acct-4", "/next/x-1", 300_000)])
expect("complete deliveries in the log", sorted((host, account, path.lstrip("/"), int(size)) for host, account, path, status, size, crc, chm, end, *_ in lines
        if status in ("200", "206") and end == "FIN"), [
    ("127.0.0.2", "acct-1", "clip/1", 100), ("127.0.0.2", "acct-1", "clip/1", 300_000),
    ("127.0.0.3", "acct-2", "next/x-1", 300_000), ("127.0.0.3", "acct-2", "next/x-2", 300_000),
    ("127.0.0.4", "acct-3", "next/x-2", 300_000), ("127.0.0.4", "acct-3", "next/x-3", 300_000),
    ("127.0.0.5", "acct-4", "next/x-1", 300_000)])
expect("lines that cqint marks as a plugin's", sorted(line[2].lstrip("/") for line in lines if "int=1" in line),
       ["clip/1", "next/x-2", "next/x-2", "next/x-3"])
expect("verdicts of the plugins' own fetches", [line[5:8] for line in lines
        if line[2].lstrip("/") in ("clip/1", "next/x-3") and line[4] == "300000"], [["TCP_MISS", "MISS", "FIN"]] * 2)
expect("a prefetch of what is cached", [line[3:8:2] + line[6:7] for line in lines if line[0] == "127.0.0.5" and line[2].endswith("x-2")],
       [["208", "TCP_HIT", "FIN", "MISS"]])
PY
