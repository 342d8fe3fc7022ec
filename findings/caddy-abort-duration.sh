#!/usr/bin/env bash
# Version:  Caddy 2.11.4 (Debian sid, caddy 2.11.4-1), reverse_proxy, access log in JSON.
# Finding:  The access log gives an aborted transfer the duration 0, however long it lasted, and the status 200.
#
# Expected: The documentation describes duration as the time that the request took, and ts as the time of the entry, so a
#           request began at ts - duration. A client that leaves after three seconds should have a duration of three
#           seconds, and some sign that it left (there is one, status 0, if it leaves before the answer begins).
# Seen:     A client reads half of a frame, waits three seconds and resets the connection: "status":200, "duration":0, and
#           a size below the Content-Length in resp_headers. A client that stays has a duration of 4 s. In both lines ts is
#           the end, so the aborted delivery seems to begin three seconds late, perhaps after a fill or a purge.
# Reading:  Duration 0 with a size below Content-Length is an aborted delivery of unknown length that ended at ts.
#
#   "duration":0,"size":1500000,"status":200,"resp_headers":{"Content-Length":["3000000"]}
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

unpack sid caddy=2.11.4-1
origin=$(free_port) edge=$(free_port)
cat >"$work/root/etc/Caddyfile" <<CONF
{
  admin off
  auto_https off
  persist_config off
}
http://127.0.0.1:$edge {
  bind 127.0.0.1
  log {
    output file /tmp/access.log
  }
  reverse_proxy 127.0.0.1:$origin
}
CONF
serve caddy run --config /etc/Caddyfile --adapter caddyfile

ORIGIN=$origin EDGE=$edge LOG=$work/root/tmp/access.log timeout 60 python3 - <<'PY'
import json, struct
import http.client, http.server, os, socket, socketserver, sys, threading, time

class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass

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
LENGTH = 3_000_000

class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(LENGTH))
        self.end_headers()
        self.wfile.write(b"x" * (LENGTH // 2))
        time.sleep(4)
        self.wfile.write(b"x" * (LENGTH // 2))

    def log_message(self, *_):
        pass

threading.Thread(target=Server(("127.0.0.1", ORIGIN), Origin).serve_forever, daemon=True).start()
await_port(EDGE)

def leave(path, after):
    client = socket.create_connection(("127.0.0.1", EDGE), 10)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{EDGE}\r\n\r\n".encode())
    end = time.time() + after
    client.settimeout(0.2)
    while time.time() < end:
        try:
            client.recv(65536)
        except socket.timeout:
            pass
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    return time.time()

expect("a client that stays", len(fetch(EDGE, "/stays")[2]), LENGTH)
left = leave("/leaves", 3)
time.sleep(2.5)
lines = {line["request"]["uri"]: line for line in map(json.loads, open(LOG))}
for line in lines.values():
    print("  ", {name: line[name] for name in ("duration", "size", "status")}, line["resp_headers"]["Content-Length"])
stays, leaves = lines["/stays"], lines["/leaves"]
expect("the stayer's status, size and whole seconds", [stays["status"], stays["size"], int(stays["duration"])], [200, LENGTH, 4])
expect("the leaver's status and Content-Length", [leaves["status"], leaves["resp_headers"]["Content-Length"]], [200, [str(LENGTH)]])
expect("its size is less", 0 < leaves["size"] < LENGTH, True)
expect("its duration", leaves["duration"], 0)
expect("its ts is not before it left", leaves["ts"] >= left - 0.1, True)
expect("fields that no complete line has", sorted(set(leaves) - set(stays)), [])
PY
