#!/usr/bin/env bash
# Version:  HAProxy 3.2.26 (Debian sid, haproxy 3.2.26-1), option httplog with log-steps (3.1 and later).
# Finding:  One request becomes two finished lines that look alike, and the lines lose the request line or the captures.
#
# Expected: The manual says that log-steps chooses when a line is emitted, that one transaction may have several lines, and
#           gives `option httplog` with `log-steps accept,close` as its example. The line of `close` should equal the line
#           that is written without the directive, and an interim line should look interim.
# Seen:     A request header (account) and a reply header (frame) are captured.
#           - `log-steps response,close`: two lines a request, alike in every field but the connection counts: status 200,
#             full byte count, `----`. A hit of HAProxy's own cache has `<CACHE>` in both. Both lines say "<BADREQ>" in
#             place of the request line, although the request was good and was served.
#           - `log-steps all`: five lines a request, three of them with status 0 or -1, then a finished pair. The request
#             line is right, and both capture lists are empty, also in the final line.
#           - `log-steps accept,close`, the manual's example: the final line has {} {} "<BADREQ>".
#           - A reader leaves early: the first of its two lines says 200 and `----`; only the second says CD.
# Reading:  Join lines by client port, accept time and frontend, and keep the last. A "<BADREQ>" with status 200 was served.
#
#   127.0.0.1:48918 [30/Nov/2026:06:47:27.328] pair pair/<CACHE> 0/0/0/0/0 200 128 - - LR-- 1/1/0/0/0 0/0 {acct-2} {f1} "<BADREQ>"
#   127.0.0.1:48918 [30/Nov/2026:06:47:27.328] pair pair/<CACHE> 0/0/0/0/0 200 128 - - LR-- 1/1/0/0/0 0/0 {acct-2} {f1} "<BADREQ>"
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

unpack sid haproxy=3.2.26-1
origin=$(free_port) log=$(free_port) plain=$(free_port) pair=$(free_port) all=$(free_port) example=$(free_port)
frontend() {
  cat <<CONF
frontend $1
  bind 127.0.0.1:$2
  log 127.0.0.1:$log format raw local0
  option httplog
  $3
  capture request header X-Account len 32
  capture response header X-Frame-Id len 32
  http-request cache-use frames
  http-response cache-store frames
  default_backend cameras
CONF
}
cat >"$work/root/etc/haproxy.cfg" <<CONF
global
  nbthread 2
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
cache frames
  total-max-size 4
  max-age 60
$(frontend plain "$plain" "")
$(frontend pair "$pair" "log-steps response,close")
$(frontend all "$all" "log-steps all")
$(frontend example "$example" "log-steps accept,close")
backend cameras
  server camera 127.0.0.1:$origin
CONF
serve haproxy -db -f /etc/haproxy.cfg

ORIGIN=$origin LOG=$log PLAIN=$plain PAIR=$pair ALL=$all EXAMPLE=$example timeout 90 python3 - <<'PY'
import re, struct
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
ORIGIN, LOG, PLAIN, PAIR, ALL, EXAMPLE = (int(os.environ[name]) for name in "ORIGIN LOG PLAIN PAIR ALL EXAMPLE".split())
sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sink.bind(("127.0.0.1", LOG))
sink.settimeout(1)

def lines():
    """The lines logged since the last call, each as its fields."""
    found = []
    try:
        while True:
            line = sink.recv(65536).decode().strip()
            found.append(re.fullmatch(
                r'\S+ \[\S+\] \S+ \S+/(?P<server>\S+) \S+ (?P<status>\S+) (?P<bytes>\d+) - - (?P<end>\S+) '
                r'\S+ \S+ (?P<captures>(?:\{\S*\} )*)"(?P<request>.*)"', line).groupdict())
    except socket.timeout:
        return found

def finished(found):
    return [line for line in found if line["status"] == "200"]

serve_origin(ORIGIN, lambda request: (
    200, [("Cache-Control", "max-age=60" if "large" not in request.path else "no-store"), ("X-Frame-Id", "f1")],
    b"x" * (20_000_000 if "large" in request.path else 20)))
await_port(EXAMPLE)
lines()

for account in ("acct-1", "acct-2"):
    fetch(PLAIN, "/a", {"X-Account": account})
expect("lines of two requests without the directive", [(line["server"], line["captures"], line["request"]) for line in lines()],
       [("camera", "{acct-1} {f1} ", "GET /a HTTP/1.1"), ("<CACHE>", "{acct-2} {f1} ", "GET /a HTTP/1.1")])

fetch(PAIR, "/a", {"X-Account": "acct-2"})
found = lines()
expect("finished lines of one hit, response and close", len(finished(found)), 2)
expect("the pair is alike", found[0], found[1])
expect("its request line", found[1]["request"], "<BADREQ>")
expect("its captures", found[1]["captures"], "{acct-2} {f1} ")

fetch(ALL, "/a", {"X-Account": "acct-2"})
found = lines()
expect("lines of one hit, all steps", [line["status"] for line in found], ["0", "-1", "-1", "200", "200"])
expect("the final line's request", found[-1]["request"], "GET /a HTTP/1.1")
expect("the final line's captures", found[-1]["captures"], "{} {} ")

fetch(EXAMPLE, "/a", {"X-Account": "acct-2"})
found = lines()
expect("lines of one hit, accept and close", [line["status"] for line in found], ["0", "200"])
expect("the final line's captures and request", found[-1]["captures"] + found[-1]["request"], "{} {} <BADREQ>")

reader = socket.create_connection(("127.0.0.1", PAIR))
reader.sendall(b"GET /large HTTP/1.1\r\nHost: cameras\r\nX-Account: acct-3\r\n\r\n")
reader.recv(100)
reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
reader.close()
found = lines()
expect("statuses of one aborted delivery", [line["status"] for line in found], ["200", "200"])
expect("termination states, first two letters", [line["end"][:2] for line in found], ["--", "CD"])
PY
