#!/usr/bin/env bash
# Version:  Vinyl Cache 9.0.1 (Debian sid, vinyl-cache 9.0.1-4; Varnish 7.7.0 does the same).
# Finding:  A purge or a ban that is answered with 200 while a fill is on its way leaves that fill in the cache.
#
# Expected: The manual says that a purge removes an object with its variants, and that a ban invalidates what is in the
#           cache at that time. A ban, which compares objects with the time of the ban, should include a frame that Vinyl
#           had requested from the origin half a second earlier.
# Seen:     For PURGE and for BAN: the fill starts, 0.5 s later the purge is answered with 200, 1 s later the fill ends, and
#           later requests receive its frame as plain hits until it expires. The next purge works. (Traffic Server 9.2
#           lets such a PURGE wait for the fill and removes it; Squid 7.7 does not keep such a fill.)
# Reading:  A purge ends only fills that had ended before it. The purge's own hitmiss is `miss` whatever it found.
#
#   06:44:02.0 GET   /cam-1 200 miss f11 1.54 s     06:44:02.5 PURGE /cam-1 200 miss
#   06:44:03.6 GET   /cam-1 200 hit  f11
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
  if (req.method == "PURGE") {
    return (purge);
  }
  if (req.method == "BAN") {
    if (std.ban("obj.http.X-Camera == " + req.url)) {
      return (synth(200, "Banned"));
    }
    return (synth(400, std.ban_error()));
  }
}
sub vcl_backend_response { set beresp.http.X-Camera = bereq.url; }
VCL
serve vinyld -F -j none -a "127.0.0.1:$edge" -f /etc/edge.vcl -n /tmp/edge -T none -s malloc,20m
for _ in {1..300}; do (: <"/dev/tcp/127.0.0.1/$edge") 2>/dev/null && break; sleep 0.1; done
serve vinylncsa -n /tmp/edge -a -w /tmp/access.log -F '%m %U %s %{Vinyl:hitmiss}x %{X-Frame-Id}o %D'
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
count = 0

def answer(request):
    global count
    count += 1
    frame = f"f{count}"
    time.sleep(1.5)
    return 200, [("Cache-Control", "max-age=60"), ("X-Frame-Id", frame)], frame.encode()

serve_origin(ORIGIN, answer)
await_port(EDGE)
for method, first in (("PURGE", "f1"), ("BAN", "f3")):
    path = "/" + method.lower()
    filler = threading.Thread(target=fetch, args=(EDGE, path))
    filler.start()
    time.sleep(0.5)
    start = time.time()
    expect(f"{method} while the fill is on its way", fetch(EDGE, path, method=method)[0], 200)
    expect("it did not wait for the fill", time.time() - start < 0.5, True)
    filler.join()
    expect(f"frames served after that {method}", [fetch(EDGE, path)[2].decode() for _ in range(3)], [first] * 3)
    expect(f"{method} again", fetch(EDGE, path, method=method)[0], 200)
    expect(f"frame served after it", fetch(EDGE, path)[2].decode(), f"f{int(first[1:]) + 1}")
time.sleep(2)
lines = [line.split() for line in open(LOG)]
for line in lines:
    print("  ", *line)
expect("verdicts of the hits on a frame asked for before the purge",
       [line[3] for line in lines if line[0] == "GET" and line[4] in ("f1", "f3")], ["miss"] + ["hit"] * 3 + ["miss"] + ["hit"] * 3)
PY
