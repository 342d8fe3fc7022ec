#!/usr/bin/env bash
# Version:  Squid 7.7 (Debian sid, squid 7.7-1), its access log.
# Finding:  A client that forces a refetch of a fresh entry is a plain TCP_MISS; the code that is documented for it,
#           TCP_CLIENT_REFRESH_MISS, does not appear.
#
# Expected: Squid's documentation describes TCP_CLIENT_REFRESH_MISS as a request with "no-cache" or the like, for which the
#           cache had to refetch its object, and TCP_MISS as an object that was not in the cache. A reload of a cached frame
#           should have the former, so that misses tell cold keys, and TCP_REFRESH codes tell expired entries.
# Seen:     The entry has 60 s. A request with "Cache-Control: no-cache", "Pragma: no-cache" or both, as browsers send it for
#           a reload: TCP_MISS, and the entry is replaced; the next one is a TCP_MEM_HIT on the new frame. "max-age=0" and
#           "min-fresh=100": TCP_REFRESH_MODIFIED, as if the entry had expired. As an accelerator and as a forward proxy.
#           If the origin fails then, or that client leaves, the old entry stays: TCP_MISS/503 or TCP_MISS_ABORTED/000, and the
#           next request is a TCP_MEM_HIT on the frame from before that miss, though the origin has sent a newer one.
# Reading:  A TCP_MISS or TCP_REFRESH does not prove that there was nothing fresh, nor that a later hit is on a later frame. Log
#           %{Cache-Control}>h and %{Pragma}>h.
#
#   acct-2 - TCP_MEM_HIT/200 f1     acct-3 no-cache TCP_MISS/200 f2     acct-4 - TCP_MEM_HIT/200 f2
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
origin=$(free_port) edge=$(free_port) forward=$(free_port)
mkdir -p "$work/root"/{run,var/spool,var/log}/squid
chmod 777 "$work/root"/{run,var/spool,var/log}/squid
cat >"$work/root/etc/edge.conf" <<CONF
http_port 127.0.0.1:$edge accel defaultsite=edge no-vhost
http_port 127.0.0.1:$forward
cache_peer 127.0.0.1 parent $origin 0 no-query originserver no-digest no-netdb-exchange
http_access allow all
cache_mem 20 MB
icp_port 0
pinger_enable off
coredump_dir /tmp
pid_filename /tmp/squid.pid
cache_log /tmp/cache.log
logformat edge %lp|%{X-Account}>h|%{Cache-Control}>h|%{Pragma}>h|%Ss/%03>Hs|%{X-Frame-Id}<h
access_log stdio:/tmp/access.log edge
CONF
serve squid-gnutls -N -f /etc/edge.conf

ORIGIN=$origin EDGE=$edge FORWARD=$forward LOG=$work/root/tmp/access.log timeout 90 python3 - <<'PY'
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
ORIGIN, LOG = int(os.environ["ORIGIN"]), os.environ["LOG"]
PORTS = {"accelerator": int(os.environ["EDGE"]), "forward proxy": int(os.environ["FORWARD"])}
frames = {}

def answer(request):
    """A new frame for each request; none for acct-fails, and a late one for acct-leaves."""
    if request.headers["X-Account"] == "acct-fails":
        return 503, [], b"no frame"
    if request.headers["X-Account"] == "acct-leaves":
        time.sleep(1)
    frames[request.path] = frames.get(request.path, 0) + 1
    return 200, [("Cache-Control", "max-age=60"), ("X-Frame-Id", f"f{frames[request.path]}")], b"frame"

serve_origin(ORIGIN, answer)
await_port(PORTS["accelerator"])
for _ in range(100):  # Squid answers 503 until it knows its peer.
    if fetch(PORTS["accelerator"], "/ready")[0] == 200:
        break
start = time.time()
for role, port in PORTS.items():
    url = "/cam-1" if role == "accelerator" else f"http://127.0.0.1:{ORIGIN}/cam-2"
    for number, header in enumerate(({}, {}, {"Cache-Control": "no-cache"}, {}, {"Pragma": "no-cache"}, {},
                                     {"Cache-Control": "no-cache", "Pragma": "no-cache"}, {}, {"Cache-Control": "max-age=0"}, {},
                                     {"Cache-Control": "min-fresh=100"}, {}), 1):
        fetch(port, url, {"X-Account": f"acct-{number}", **header})
for path in ("/fails", "/leaves"):
    fetch(PORTS["accelerator"], path, {"X-Account": "acct-1"})
    account = "acct-" + path[1:]
    with socket.create_connection(("127.0.0.1", PORTS["accelerator"]), 10) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: edge\r\nX-Account: {account}\r\nCache-Control: no-cache\r\n\r\n".encode())
        time.sleep(0.3)
    time.sleep(1.5)
    fetch(PORTS["accelerator"], path, {"X-Account": "acct-3"})
expect("frames of the origin, the one for the client that left included", (frames["/fails"], frames["/leaves"]), (1, 2))
expect("all requests came within max-age", time.time() - start < 60, True)
time.sleep(1)
lines = {str(port): [] for port in PORTS.values()}
for line in open(LOG):
    port, account, *fields = line.strip().split("|")
    if account != "-":
        print("  ", port, account, *fields)
        lines[port].append((fields[2], fields[3]))
MISS, HIT, REFRESH = "TCP_MISS/200", "TCP_MEM_HIT/200", "TCP_REFRESH_MODIFIED/200"
for role, port in PORTS.items():
    expect(f"codes and frames of the {role}", lines[str(port)],
           [(MISS, "f1"), (HIT, "f1"), (MISS, "f2"), (HIT, "f2"), (MISS, "f3"), (HIT, "f3"), (MISS, "f4"), (HIT, "f4"),
            (REFRESH, "f5"), (HIT, "f5"), (REFRESH, "f6"), (HIT, "f6")] + {
                "accelerator": [(MISS, "f1"), ("TCP_MISS/503", "-"), (HIT, "f1"), (MISS, "f1"), ("TCP_MISS_ABORTED/000", "-"), (HIT, "f1")],
                "forward proxy": []}[role])
PY
