#!/usr/bin/env bash
# Version:  lighttpd 1.4.85 (Debian sid, lighttpd 1.4.85-1), mod_accesslog with its default format, HTTP/2 over TLS.
# Finding:  Each HTTP/2 connection adds a line of its own, whose size is that of all its answers together.
#
# Expected: The documentation says that mod_accesslog logs the requests, and that %b is the bytes sent for the body. A client
#           that receives two frames should have two lines, over HTTP/1.1 and HTTP/2 alike, and the sum of %b should be the
#           sum of the bodies.
# Seen:     Over HTTP/2 there is a third line: "PRI * HTTP/2.0" (the words of the client's preface), status 100, host "-",
#           and in %b all that the connection has sent, bodies and framing. A sum of %b by client is twice the truth. The
#           line is written when the client leaves, perhaps hours later and into another file than its frames. Two frames
#           over HTTP/1.1 have two lines.
# Reading:  Leave out lines with the method PRI before counting or adding.
#
#   "GET /frame HTTP/2.0" 200 40000     "GET /frame HTTP/2.0" 200 40000     "PRI * HTTP/2.0" 100 80263
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


unpack sid lighttpd=1.4.85-1 lighttpd-mod-openssl=1.4.85-1 openssl
edge=$(free_port)
mkdir "$work/root/tmp/frames"
head -c 40000 /dev/zero >"$work/root/tmp/frames/frame"
PATH=/usr/sbin:/usr/bin chroot "$work/root" openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=edge -days 2 \
  -keyout /etc/edge.pem -out /etc/edge.crt 2>>"$work/output"
cat >"$work/root/etc/edge.conf" <<CONF
server.modules = ( "mod_openssl", "mod_accesslog" )
server.document-root = "/tmp/frames"
server.bind = "127.0.0.1"
server.port = $edge
server.errorlog = "/tmp/error.log"
ssl.engine = "enable"
ssl.pemfile = "/etc/edge.crt"
ssl.privkey = "/etc/edge.pem"
accesslog.filename = "/tmp/access.log"
CONF
serve lighttpd -D -f /etc/edge.conf

EDGE=$edge LOG=$work/root/tmp/access.log timeout 60 python3 - <<'PY'
import os, re, socket, ssl, struct, sys, time

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

EDGE, LOG = int(os.environ["EDGE"]), os.environ["LOG"]

def connect(protocol, source):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols([protocol])
    client = context.wrap_socket(socket.create_connection(("127.0.0.1", EDGE), 10, source_address=(source, 0)))
    if client.selected_alpn_protocol() != protocol:
        sys.exit(f"the server does not speak {protocol}")
    return client

# RFC 9113, section 4.1: length, type, flags, stream. Types: 0 DATA, 1 HEADERS, 4 SETTINGS, 8 WINDOW_UPDATE.
def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload

# RFC 7541, section 6.2.2: a literal field without indexing, with a new name.
def field(name, value):
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value

def two_frames_over_http2(source):
    """Receives two frames on one connection; returns the bytes of each body."""
    client, received, buffer = connect("h2", source), {}, b""
    client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, struct.pack(">HI", 4, 1 << 20)) +
                   frame(8, 0, 0, struct.pack(">I", 1 << 20)))
    for stream in (1, 3):
        client.sendall(frame(1, 5, stream, field(b":method", b"GET") + field(b":scheme", b"https") +
                             field(b":authority", b"edge") + field(b":path", b"/frame")))
        ended = False
        while not ended:
            buffer += client.recv(65536)
            while len(buffer) >= 9 and len(buffer) >= 9 + (length := int.from_bytes(buffer[:3], "big")):
                kind, flags, number = struct.unpack(">BBI", buffer[3:9])
                if kind == 0:
                    received[number] = received.get(number, 0) + length
                    ended = ended or flags & 1
                elif kind == 4 and not flags & 1:
                    client.sendall(frame(4, 1, 0))
                buffer = buffer[9 + length:]
    time.sleep(1)
    client.close()
    return list(received.values())

def two_frames_over_http1(source):
    client, sizes = connect("http/1.1", source), []
    for _ in range(2):
        client.sendall(b"GET /frame HTTP/1.1\r\nHost: edge\r\n\r\n")
        received = b""
        while b"\r\n\r\n" not in received or len(received.partition(b"\r\n\r\n")[2]) < 40000:
            received += client.recv(65536)
        sizes.append(len(received.partition(b"\r\n\r\n")[2]))
    client.close()
    return sizes

await_port(EDGE)
expect("bodies over HTTP/1.1", two_frames_over_http1("127.0.0.2"), [40000, 40000])
expect("bodies over HTTP/2", two_frames_over_http2("127.0.0.3"), [40000, 40000])
time.sleep(6)  # The server keeps lines back for some seconds.
lines = {"127.0.0.2": [], "127.0.0.3": []}
for line in open(LOG):
    print("  ", line.strip())
    client, host, request, status, size = re.match(r'(\S+) (\S+) \S+ \[.*?\] "(.*?)" (\d+) (\S+)', line).groups()
    lines[client].append((host, request, status, int(size)))
expect("lines of the first", lines["127.0.0.2"], [("edge", "GET /frame HTTP/1.1", "200", 40000)] * 2)
expect("lines of the second, all but one", lines["127.0.0.3"][:-1], [("edge", "GET /frame HTTP/2.0", "200", 40000)] * 2)
host, request, status, size = lines["127.0.0.3"][-1]
expect("host, request and status of the last", (host, request, status), ("-", "PRI * HTTP/2.0", "100"))
expect("its size is both bodies and some framing", 80000 < size < 82000, True)
PY
