#!/usr/bin/env bash
# Version:  Squid 7.7 (Debian sid, squid 7.7-1), its Cache-Status header and its access log.
# Finding:  Cache-Status says `hit` for answers that Squid asked the origin for, and gives misses no reason.
#
# Expected: RFC 9211 reserves `hit` for answers that were not forwarded, wants `fwd` with the reason for all others,
#           `collapsed` for those that waited for another fetch, and `fwd-status=304` for a revalidation. Squid's release
#           notes say that it supports RFC 9211. A miss should say fwd=miss, a revalidated answer fwd=stale.
# Seen:     header                      log                      answer
#           sq;detail=mismatch          TCP_MISS                 a miss: neither hit nor fwd
#           sq;detail=match             TCP_MISS                 another account's variant (Vary): "match", yet a miss
#           sq;detail=match             TCP_CF_MISS              three requests that waited for a fill: not `collapsed`
#           sq;hit;detail=match         TCP_CF_HIT               the same three in other runs: not `collapsed` either
#           sq;hit;detail=match         TCP_REFRESH_UNMODIFIED   forwarded, the origin said 304: `hit`
#           sq;fwd=stale;detail=match   TCP_REFRESH_MODIFIED     forwarded, the origin said 200
#           sq;fwd=stale;detail=match   TCP_REFRESH_MODIFIED     a fresh entry, the client's max-age=0
#           sq;hit;detail=match         TCP_MEM_HIT              a hit
# Reading:  Squid's `hit` means that the body came from the store, perhaps after a revalidation. No `hit` and no `fwd` is a
#           miss or a collapsed request. `detail` describes the index lookup. If both are logged, the log's verdict decides.
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
cache_peer 127.0.0.1 parent $origin 0 no-query originserver
http_access allow all
cache_effective_user proxy
cache_mem 16 MB
collapsed_forwarding on
refresh_pattern . 0 0% 0
visible_hostname sq
pid_filename /tmp/squid.pid
cache_log /tmp/cache.log
icp_port 0
pinger_enable off
shutdown_lifetime 0 seconds
logformat edge %{X-Case}>h %Ss %{Cache-Status}<h
access_log stdio:/tmp/access.log edge
CONF
serve squid-gnutls -N -f /etc/edge.conf

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

def answer(request):
    if "slow" in request.path:
        time.sleep(1)
    headers = [("Cache-Control", "max-age=1" if "short" in request.path else "max-age=600")]
    if "vary" in request.path:
        headers.append(("Vary", "X-Account"))
    if "etag" in request.path:
        headers.append(("ETag", '"e"'))
        if request.headers.get("If-None-Match"):
            return 304, headers, b""
    return 200, headers, b"frame"

seen = {}

def ask(case, path, headers={}):
    status, reply, _ = fetch(EDGE, path, {"X-Case": case, **headers})
    assert status == 200, (case, status)
    seen.setdefault(case, set()).add(reply.get("cache-status"))

serve_origin(ORIGIN, answer)
await_port(EDGE)
for _ in range(100):  # Squid takes a peer for dead that was not there when it started.
    if fetch(EDGE, "/warm-up", {"X-Case": "warm-up", "Cache-Control": "no-cache"})[0] == 200:
        break
    time.sleep(0.2)
ask("miss", "/cam")
ask("hit", "/cam")
ask("max-age", "/cam", {"Cache-Control": "max-age=0"})
ask("other", "/vary", {"X-Account": "acct-1"})
ask("variant", "/vary", {"X-Account": "acct-2"})
ask("other", "/short-etag")
ask("other", "/short")
threads = [threading.Thread(target=ask, args=("waiter" if number else "first", "/slow")) for number in range(4)]
for thread in threads:
    thread.start()
    time.sleep(0.15)
for thread in threads:
    thread.join()
time.sleep(2.2)
ask("304", "/short-etag")
ask("200", "/short")
time.sleep(1)
verdicts = {}
for line in open(LOG):
    case, verdict, header = line.split()
    verdicts.setdefault(case, set()).add(verdict)
for case, header, verdict in [
    ("miss", "sq;detail=mismatch", "TCP_MISS"), ("hit", "sq;hit;detail=match", "TCP_MEM_HIT"),
    ("max-age", "sq;fwd=stale;detail=match", "TCP_REFRESH_MODIFIED"), ("variant", "sq;detail=match", "TCP_MISS"),
    ("first", "sq;detail=mismatch", "TCP_MISS"),
    ("304", "sq;hit;detail=match", "TCP_REFRESH_UNMODIFIED"), ("200", "sq;fwd=stale;detail=match", "TCP_REFRESH_MODIFIED"),
]:
    expect(f"{case}: header and verdict", [sorted(seen[case]), sorted(verdicts[case])], [[header], [verdict]])
expect("waiters whose header says collapsed or fwd", [header for header in seen["waiter"] if "collapsed" in header or "fwd" in header], [])
expect("waiters without CF in the log", [verdict for verdict in verdicts["waiter"] if not verdict.startswith("TCP_CF_")], [])
PY
