#!/usr/bin/env bash
# Version:  nginx 1.30.6 (Debian sid, nginx 1.30.6-2), proxy_cache, HTTP/3; its client is aioquic 1.7.2 (PyPI).
# Finding:  Over HTTP/3 a frame of which the client received 1 % is logged with all bytes, $request_completion OK and 0.000 s.
#
# Expected: The documentation describes $body_bytes_sent as the bytes sent to a client, and $request_completion as "OK" if a
#           request has completed. RFC 9000, section 4.1, forbids to send beyond the client's limit of a stream, so nginx
#           knows what it sent; over HTTP/2, where the rule is alike, it logs 0 bytes and no completion for a client that
#           had no window and cancelled (http2-unsent-frame.sh). The same server should do so over HTTP/3.
# Seen:     The client allows 300 bytes a stream, waits 0.7 s for a frame of 40,000 bytes and cancels (STOP_SENDING). It has
#           received some 230 bytes. The line says 200, HIT, 40000, OK, 0.000: every field is that of a client that received
#           the whole frame. nginx counts what it puts into the stream's buffer, 64 KiB (quic_stream_buffer_size). Of a frame
#           of 300,000 bytes the line has some 66,000, and no completion. If the connection is closed instead, the lines are
#           the same.
# Reading:  Over HTTP/3 ($http3 is h3) neither size nor completion proves that a frame below 64 KiB arrived.
#
#   h3 /frame unsent 200 HIT bytes=40000 completion=OK time=0.000      h3 /frame whole 200 HIT bytes=40000 completion=OK time=0.000
#   h3 /large unsent 200 HIT bytes=65761 completion= time=0.702
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


unpack sid nginx=1.30.6-2 openssl
python3 -m venv "$work/python"
"$work/python/bin/pip" --quiet --disable-pip-version-check install aioquic==1.7.2
origin=$(free_port) edge=$(free_port)
PATH=/usr/sbin:/usr/bin chroot "$work/root" openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=edge -days 2 \
  -keyout /etc/edge.pem -out /etc/edge.crt 2>>"$work/output"
cat >"$work/root/etc/edge.conf" <<CONF
user root;
worker_processes 1;
pid /tmp/nginx.pid;
error_log /tmp/error.log;
events {}
http {
  log_format edge '\$http3|\$uri|\$http_x_account|\$status|\$upstream_cache_status|\$body_bytes_sent|\$request_completion|'
                  '\$request_time';
  proxy_cache_path /tmp/frames keys_zone=frames:1m;
  server {
    listen 127.0.0.1:$edge quic;
    listen 127.0.0.1:$edge ssl;
    ssl_certificate /etc/edge.crt;
    ssl_certificate_key /etc/edge.pem;
    access_log /tmp/access.log edge;
    location / {
      proxy_pass http://127.0.0.1:$origin;
      proxy_cache frames;
    }
  }
}
CONF
serve nginx -c /etc/edge.conf -g 'daemon off;'

ORIGIN=$origin EDGE=$edge LOG=$work/root/tmp/access.log timeout 90 "$work/python/bin/python" - <<'PY'
import asyncio, ssl
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

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived
from aioquic.quic.configuration import QuicConfiguration

ORIGIN, EDGE, LOG = int(os.environ["ORIGIN"]), int(os.environ["EDGE"]), os.environ["LOG"]
SIZES = {"/frame": 40_000, "/large": 300_000}
ROOM = 300
serve_origin(ORIGIN, lambda request: (200, [("Cache-Control", "max-age=60")], b"x" * SIZES[request.path]))
await_port(EDGE)

class Client(QuicConnectionProtocol):
    received = 0

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.http = H3Connection(self._quic)

    def quic_event_received(self, event):
        self.received += sum(len(part.data) for part in self.http.handle_event(event) if isinstance(part, DataReceived))

async def ask(path, account, room, cancel=False):
    """The bytes of the body that a client receives whose stream has that much room, within 0.7 s."""
    configuration = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN, verify_mode=ssl.CERT_NONE, server_name="edge")
    configuration.max_stream_data = room
    async with connect("127.0.0.1", EDGE, configuration=configuration, create_protocol=Client) as client:
        if room == ROOM:
            client._quic._write_stream_limits = lambda *_, **__: None  # It never grants more room than at the start.
        stream = client._quic.get_next_available_stream_id()
        client.http.send_headers(stream, [(b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"edge"),
                                          (b":path", path.encode()), (b"x-account", account.encode())], end_stream=True)
        client.transmit()
        await asyncio.sleep(0.7)
        if cancel:
            client._quic.stop_stream(stream, 0x10c)  # RFC 9114, section 8.1: H3_REQUEST_CANCELLED.
            client.transmit()
            await asyncio.sleep(0.3)
        return client.received

for path, size in SIZES.items():
    expect(f"bytes of {path} for the filler", asyncio.run(ask(path, "filler", 1 << 20)), size)
    expect("for a hit", asyncio.run(ask(path, "whole", 1 << 20)), size)
    for account, cancel in (("unsent", True), ("closed", False)):
        received = asyncio.run(ask(path, account, ROOM, cancel))
        expect(f"some for {account}, below its stream's {ROOM}", 0 <= received < ROOM, True)
time.sleep(1)
lines = {}
for line in open(LOG):
    protocol, path, account, *fields = line.rstrip("\n").split("|")
    print("  ", protocol, path, account, *fields)
    lines[path, account] = dict(zip(("status", "cache", "bytes", "completion", "time"), fields))
VERDICT = ("status", "cache", "bytes", "completion")

def show(path, account):
    return tuple(lines[path, account][name] for name in VERDICT)

expect("the line of a whole frame", show("/frame", "whole"), ("200", "HIT", "40000", "OK"))
for account in ("unsent", "closed"):
    expect(f"the frame's line of {account}", show("/frame", account), show("/frame", "whole"))
    expect("its time is short", float(lines["/frame", account]["time"]) < 0.3, True)
    status, cache, size, completion = show("/large", account)
    expect(f"the large frame's line of {account}", (status, cache, completion), ("200", "HIT", ""))
    expect("its bytes are the buffer's", 60_000 < int(size) < 70_000, True)
PY
