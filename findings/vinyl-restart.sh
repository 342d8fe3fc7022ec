#!/usr/bin/env bash
# Version:  Vinyl Cache 9.0.1 (Debian sid, vinyl-cache 9.0.1-4; Varnish 7.7.0 does the same), vinylncsa.
# Finding:  The line of a restarted request describes its last round only: start, duration, request headers and VCL_Log
#           values are not those of the client's request.
#
# Expected: vinylncsa's manual describes %t as the time when the request was received, %D as the time taken to serve it, and
#           %{X}i as the request header before any VCL processing. The first camera cloud answers 404 after 2.5 s and VCL
#           restarts with the archive: the line should have the client's start, the whole wait and the client's header.
# Seen:     One line: %t is 2.5 s late, %D is about a millisecond, and the account is the value that VCL set in the first
#           round. A key that std.log recorded in the first round is missing. The URL is VCL's. So one column holds the
#           client's claim in most lines and the checked account in restarted ones, and the start stamp may place the
#           request after fills that it preceded.
# Reading:  Treat the start of a line as "not later than". `vinyllog -g request` has both rounds.
#
#   [30/Nov/2026:06:44:01 +0000] /archive/cam-1 account=checked key= 1884 us      (asked at 06:43:58 by acct-1)
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

unpack sid vinyl-cache=9.0.1-4 gcc libc6-dev dash coreutils
origin=$(free_port) edge=$(free_port)
cat >"$work/root/etc/edge.vcl" <<VCL
vcl 4.1;
import std;
backend cameras { .host = "127.0.0.1"; .port = "$origin"; }
sub vcl_recv {
  if (req.restarts == 0) {
    std.log("key:" + req.url);
    set req.http.X-Account = "checked";
  }
}
sub vcl_deliver {
  if (resp.status == 404 && req.restarts == 0) {
    set req.url = "/archive" + req.url;
    return (restart);
  }
}
VCL
serve vinyld -F -j none -a "127.0.0.1:$edge" -f /etc/edge.vcl -n /tmp/edge -T none -s malloc,20m
for _ in {1..300}; do (: <"/dev/tcp/127.0.0.1/$edge") 2>/dev/null && break; sleep 0.1; done
serve vinylncsa -n /tmp/edge -a -w /tmp/access.log -F '%{%s}t %U %s %{X-Account}i key=%{VCL_Log:key}x %D %r'
sleep 1

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
    if request.path == "/old/cam-1":
        time.sleep(2.5)
        return 404, [], b"gone"
    return 200, [("Cache-Control", "max-age=60")], b"frame"

serve_origin(ORIGIN, answer)
await_port(EDGE)
asked = []
for path in ("/live/cam-1", "/old/cam-1"):
    start = time.time()
    status, _, body = fetch(EDGE, path, {"X-Account": "acct-1"})
    asked.append((start, time.time() - start, status, body))
expect("what the client received", [entry[2:] for entry in asked], [(200, b"frame")] * 2)
expect("the client waited more than two seconds for the second", asked[1][1] > 2, True)
time.sleep(2)
lines = [line.split() for line in open(LOG) if "cam-1" in line]
for line in lines:
    print("  ", *line)
plain, restarted = lines
expect("a request without restart: URL, account and key", plain[1:5], ["/live/cam-1", "200", "acct-1", "key=/live/cam-1"])
expect("its start is the client's, to a second", abs(int(plain[0]) - asked[0][0]) < 1.1, True)
expect("lines of the restarted request", len(lines) - 1, 1)
expect("its URL, account and key", restarted[1:5], ["/archive/old/cam-1", "200", "checked", "key="])
expect("its start is more than a second late", int(restarted[0]) + 1 - asked[1][0] > 1.4, True)
expect("its duration is less than a second", int(restarted[5]) < 1_000_000, True)
PY
