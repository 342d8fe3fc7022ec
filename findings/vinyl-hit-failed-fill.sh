#!/usr/bin/env bash
# Version:  Vinyl Cache 9.0.1 (Debian sid, vinyl-cache 9.0.1-4), vinylncsa for clients (-c) and backends (-b).
# Finding:  Requests that join a fill on its way are hits; if the fill then fails, these hits stand for cut frames of an
#           entry that never existed, and no line says so.
#
# Expected: The manual says that %{Vinyl:hitmiss}x tells whether a request was a hit. A hit should come from an entry that a
#           complete fill has made, which has a line by then; and a fill that fails should be marked, at least in the log of
#           the backends.
# Seen:     The origin sends half of a frame, waits, and closes. acct-1 began the fill, acct-2 and acct-3 joined. All three
#           received half of it.
#           - The clients' log: "200 50000 hit" twice and "200 50000 miss", in any order. Status and verdict are those of good
#             lines; the size is that of clients that leave, but these stayed.
#           - The backends' log: 200, 50000, duration 0, as if it had been instant.
#           - The next request is a miss and brings another frame.
#           A good fill's lines come in any order, too, so a hit may stand before the miss that filled its entry.
# Reading:  A hit's fill may end later than the hit. A size below Content-Length in several lines of one frame id is the
#           origin's failure, not the clients'.
#
#   GET /bad 200 50000 hit  acct-3 f2 0.51 s     GET /bad 200 50000 hit acct-2 f2 1.01 s     GET /bad 200 50000 miss acct-1 f2 1.52 s
#   backend: GET /bad 200 50000 f2 0 us
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
backend cameras { .host = "127.0.0.1"; .port = "$origin"; }
VCL
serve vinyld -F -j none -a "127.0.0.1:$edge" -f /etc/edge.vcl -n /tmp/edge -T none -s malloc,20m
for _ in {1..300}; do (: <"/dev/tcp/127.0.0.1/$edge") 2>/dev/null && break; sleep 0.1; done
serve vinylncsa -n /tmp/edge -a -w /tmp/clients.log -F '%U %s %b %{Vinyl:hitmiss}x %{X-Account}i %{X-Frame-Id}o %D'
serve vinylncsa -n /tmp/edge -a -b -w /tmp/backends.log -F '%U %s %b %{X-Frame-Id}o %D'
sleep 1

ORIGIN=$origin EDGE=$edge LOGS=$work/root/tmp timeout 90 python3 - <<'PY'
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

def expect(what, seen, wanted):
    if seen != wanted:
        sys.exit(f"the behaviour changed: {what}: saw {seen!r}, not {wanted!r}")
    print(f"seen: {what}: {seen!r}")

ORIGIN, EDGE, LOGS = int(os.environ["ORIGIN"]), int(os.environ["EDGE"]), os.environ["LOGS"]
count = 0

class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """A frame of 100,000 bytes in two halves. The first one of /bad ends after its first half."""
        global count
        count += 1
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nCache-Control: max-age=60\r\n" +
                         b"X-Frame-Id: f%d\r\n\r\n" % count + b"x" * 50_000)
        time.sleep(1.5)
        if self.path == "/bad" and count == 2:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        else:
            self.wfile.write(b"x" * 50_000)

    def log_message(self, *_):
        pass

threading.Thread(target=Server(("127.0.0.1", ORIGIN), Origin).serve_forever, daemon=True).start()
await_port(EDGE)
received = {}

def ask(path, account, after=0.0):
    time.sleep(after)
    with socket.create_connection(("127.0.0.1", EDGE), 10) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: edge\r\nX-Account: {account}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    received[path, account] = len(answer.partition(b"\r\n\r\n")[2])

for path in ("/good", "/bad"):
    clients = [threading.Thread(target=ask, args=(path, f"acct-{number}", number / 2 - 0.5)) for number in (1, 2, 3)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    time.sleep(0.5)
    ask(path, "acct-4")
    ask(path, "acct-5")
time.sleep(2)
expect("bytes received of the good frame", [received["/good", f"acct-{number}"] for number in range(1, 6)], [100_000] * 5)
expect("of the bad one", [received["/bad", f"acct-{number}"] for number in range(1, 6)], [50_000] * 3 + [100_000] * 2)
clients, backends = ([line.split() for line in open(f"{LOGS}/{name}.log")] for name in ("clients", "backends"))
for line in clients + backends:
    print("  ", *line)

def show(path):
    return [line[1:6] for line in clients if line[0] == path]

good = show("/good")
expect("the first three lines of the good frame, in any order", sorted(good[:3]), [["200", "100000", "hit", "acct-2", "f1"],
                                                                             ["200", "100000", "hit", "acct-3", "f1"],
                                                                             ["200", "100000", "miss", "acct-1", "f1"]])
expect("the next ones", [line[2] for line in good[3:]], ["hit", "hit"])
bad = show("/bad")
expect("the first three of the bad one", sorted(bad[:3]), [["200", "50000", "hit", "acct-2", "f2"],
                                                         ["200", "50000", "hit", "acct-3", "f2"],
                                                         ["200", "50000", "miss", "acct-1", "f2"]])
expect("the next ones", bad[3:], [["200", "100000", "miss", "acct-4", "f3"], ["200", "100000", "hit", "acct-5", "f3"]])
expect("backends: path, status, bytes and frame", [line[:4] for line in backends],
       [["/good", "200", "100000", "f1"], ["/bad", "200", "50000", "f2"], ["/bad", "200", "100000", "f3"]])
expect("the failed fill's duration", backends[1][4], "0")
expect("the others last more than a second", [int(backends[index][4]) > 1_000_000 for index in (0, 2)], [True] * 2)
PY
