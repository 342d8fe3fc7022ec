#!/usr/bin/env bash
# Version:  coturn 4.18.0 (Debian sid, coturn 4.18.0-1), log with verbose.
# Finding:  A usage line has what was relayed since the line before, and is written every 4,096 packets; a viewer who just goes
#           away, and each session of a relay that is stopped, lacks the rest, and a short session has no usage at all.
#
# Expected: "usage: realm=…, username=…, rp=…, rb=…, sp=…, sb=…" with a session's number looks like the session's totals, so the
#           last line should have all that an account was sent, and a relay that is told to stop should write it, as it
#           closes its sessions.
# Seen:     A camera sends 5,000 packets of 100 bytes to each of two viewers, and 500 to a third; all arrive.
#           - acct-1 ends its allocation (Refresh with lifetime 0): three lines, the last with the smallest numbers. Their sum
#             is right: 5,000 packets.
#           - acct-2 goes away, as when a telephone loses its network: two lines, some 900 packets missing. The rest would come
#             when the allocation expires, up to ten minutes later, with that time.
#           - acct-3 goes away after 500 packets: no line at all. Its allocation is all that the log has.
#           - The relay is stopped (SIGTERM): no further usage.
# Reading:  Add a session's lines. Without a line of its end the sum is too small, by up to 4,095 packets of both directions
#           and both sides, some 2,000 to a viewer.
#
#   acct-1 sp=2048, sp=2048, sp=907     acct-2 sp=2048, sp=2048     acct-3 nothing
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


unpack sid coturn=4.18.0-1
edge=$(free_port)
cat >"$work/root/etc/edge.conf" <<CONF
listening-ip=127.0.0.1
relay-ip=127.0.0.1
listening-port=$edge
min-port=40000
max-port=49999
allow-loopback-peers
lt-cred-mech
realm=edge
user=acct-1:secret
user=acct-2:secret
user=acct-3:secret
no-tls
no-dtls
no-cli
userdb=/tmp/users
pidfile=/tmp/coturn.pid
log-file=/tmp/relay.log
simple-log
verbose
CONF
serve coturn -c /etc/edge.conf

EDGE=$edge RELAY=${pids[0]} LOG=$work/root/tmp/relay.log timeout 90 python3 - <<'PY'
import hashlib, hmac, os, re, secrets, signal, socket, struct, sys, time

def expect(what, seen, wanted):
    if seen != wanted:
        sys.exit(f"the behaviour changed: {what}: saw {seen!r}, not {wanted!r}")
    print(f"seen: {what}: {seen!r}")

EDGE, LOG = int(os.environ["EDGE"]), os.environ["LOG"]
MAGIC = 0x2112A442  # RFC 8489, section 5.
ALLOCATE, REFRESH, PERMISSION = 0x003, 0x004, 0x008  # RFC 8656, section 17.
USERNAME, INTEGRITY, LIFETIME, PEER, REALM, NONCE, RELAYED, TRANSPORT = 0x06, 0x08, 0x0D, 0x12, 0x14, 0x15, 0x16, 0x19

def attribute(kind, value):
    return struct.pack(">HH", kind, len(value)) + value + b"\0" * (-len(value) % 4)

def address(host, port):
    """An address as XOR-PEER-ADDRESS has it (RFC 8489, section 14.2)."""
    return struct.pack(">HHI", 1, port ^ (MAGIC >> 16), struct.unpack(">I", socket.inet_aton(host))[0] ^ MAGIC)

class Viewer:
    """A TURN client of the relay with long-term credentials (RFC 8489, section 9.2)."""
    def __init__(self, account):
        self.account, self.realm, self.nonce = account.encode(), b"", b""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.settimeout(5)
        self.socket.connect(("127.0.0.1", EDGE))
        transport = attribute(TRANSPORT, b"\x11\0\0\0")
        challenge = self.request(ALLOCATE, transport)
        self.realm, self.nonce = challenge[REALM], challenge[NONCE]
        _, port, _ = struct.unpack(">HHI", self.request(ALLOCATE, transport)[RELAYED])
        self.relayed = ("127.0.0.1", port ^ (MAGIC >> 16))

    def request(self, method, attributes):
        """Sends a request; returns the attributes of its answer."""
        transaction = secrets.token_bytes(12)
        if self.nonce:
            attributes += attribute(USERNAME, self.account) + attribute(REALM, self.realm) + attribute(NONCE, self.nonce)
            key = hashlib.md5(self.account + b":" + self.realm + b":secret").digest()
            head = struct.pack(">HHI", method, len(attributes) + 24, MAGIC) + transaction
            attributes += attribute(INTEGRITY, hmac.new(key, head + attributes, hashlib.sha1).digest())
        self.socket.send(struct.pack(">HHI", method, len(attributes), MAGIC) + transaction + attributes)
        answer = self.socket.recv(4096)
        if answer[8:20] != transaction:
            sys.exit("the answer is another's")
        found, position = {}, 20
        while position < len(answer):
            kind, length = struct.unpack(">HH", answer[position:position + 4])
            found[kind] = answer[position + 4:position + 4 + length]
            position += 4 + length + -length % 4
        return found

    def receive(self, camera, packets):
        """Lets the camera send and returns the number of its packets that arrive."""
        self.request(PERMISSION, attribute(PEER, address(*camera.getsockname())))
        arrived = 0
        for _ in range(packets // 10):
            for _ in range(10):
                camera.sendto(b"x" * 100, self.relayed)
            for _ in range(10):
                arrived += b"x" * 100 in self.socket.recv(4096)
        return arrived

for _ in range(100):
    try:
        viewers = [Viewer(f"acct-{number}") for number in (1, 2, 3)]
        break
    except ConnectionRefusedError:
        time.sleep(0.1)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as camera:
    camera.bind(("127.0.0.1", 0))
    for viewer, packets in zip(viewers, (5000, 5000, 500)):
        expect(f"packets that {viewer.account.decode()} received", viewer.receive(camera, packets), packets)
viewers[0].request(REFRESH, attribute(LIFETIME, b"\0\0\0\0"))
for viewer in viewers:
    viewer.socket.close()
time.sleep(2)
relay = int(os.environ["RELAY"])

def running():
    """Whether the relay is there and no zombie."""
    try:
        return open(f"/proc/{relay}/stat").read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False

os.kill(relay, signal.SIGTERM)
for _ in range(200):
    if not running():
        break
    time.sleep(0.1)
expect("the relay runs after SIGTERM", running(), False)

# The packets sent to each account, line by line.
lines = {f"acct-{number}": [] for number in (1, 2, 3)}
for line in open(LOG):
    match = re.search(r" usage: realm=<edge>, username=<(.*?)>, rp=\d+, rb=\d+, sp=(\d+), sb=\d+", line)
    if match and " peer usage:" not in line:
        lines[match[1]].append(int(match[2]))
for account, packets in lines.items():
    print(f"   {account}: {packets}")
expect("lines of acct-1, acct-2 and acct-3", [len(packets) for packets in lines.values()], [3, 2, 0])
expect("the last of acct-1 is its smallest", lines["acct-1"][2] < min(lines["acct-1"][:2]), True)
# The relay's answers to the viewer's own requests are packets that it sent, too.
expect("the sum of acct-1, less the answers", 0 <= sum(lines["acct-1"]) - 5000 <= 5, True)
expect("packets that acct-2's lines lack", 850 < 5000 - sum(lines["acct-2"]) < 950, True)
expect("allocations in the log", [any("allocation new" in line and f"username=<acct-{number}>" in line for line in open(LOG))
                                  for number in (1, 2, 3)], [True] * 3)
PY
