#!/usr/bin/env bash
# Version:  Icecast 2.5.0 (Debian sid, icecast2 2.5.0-2), mounts with fallback-mount and fallback-override.
# Finding:  When a camera comes back, Icecast gives its stream also to those who asked for the fallback camera from the start.
#           Each line names only the mount that was asked for.
#
# Expected: The documentation says that listeners of a mount that ends are moved to its fallback-mount, and that
#           fallback-override lets the mount, when it returns, move listening clients back from there. The viewer of /cam-1
#           should have seen both cameras, and the viewer of /cam-2, who was never moved, /cam-2 alone. A move should have a
#           line, or each mount that was delivered.
# Seen:     /cam-1 has /cam-2 as its fallback; its camera leaves for some seconds and returns. Then both viewers receive /cam-1
#           and nobody receives /cam-2, although its camera never stopped. The access log has one line for each viewer: the
#           mount asked for, 200, and all bytes of both cameras together. The time is that of the end; the start is that time
#           less the last field, whole seconds.
# Reading:  A line of a mount in a fallback chain speaks for frames of any mount of the chain, those whose fallback it is
#           included. The PUT lines tell when a camera left (time) and came (time less the last field).
#
#   "GET /cam-1 HTTP/1.1" 200 176673 "-" "acct-1" 7       of camera 1, then of camera 2, then of camera 1
#   "GET /cam-2 HTTP/1.1" 200 159873 "-" "acct-2" 7       of camera 2, then of camera 1
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


unpack sid icecast2=2.5.0-2
edge=$(free_port)
mkdir -m 777 "$work/root/tmp/log"
cat >"$work/root/etc/edge.xml" <<CONF
<icecast>
  <hostname>localhost</hostname>
  <authentication><source-password>camera</source-password></authentication>
  <listen-socket><port>$edge</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <mount type="normal">
    <mount-name>/cam-1</mount-name>
    <fallback-mount>/cam-2</fallback-mount>
    <fallback-override>1</fallback-override>
  </mount>
  <paths>
    <basedir>/usr/share/icecast2</basedir>
    <logdir>/tmp/log</logdir>
    <webroot>/usr/share/icecast2/web</webroot>
    <adminroot>/usr/share/icecast2/admin</adminroot>
  </paths>
  <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog></logging>
  <security><changeowner><user>www-data</user><group>www-data</group></changeowner></security>
</icecast>
CONF
serve icecast2 -c /etc/edge.xml

EDGE=$edge LOG=$work/root/tmp/log/access.log timeout 60 python3 - <<'PY'
import base64, os, re, socket, sys, threading, time

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

def camera(mount, content, off):
    """Streams the content to the mount, 1,000 bytes every 50 ms, until the camera is off."""
    with socket.create_connection(("127.0.0.1", EDGE), 10) as source:
        password = base64.b64encode(b"source:camera").decode()
        source.sendall(f"PUT {mount} HTTP/1.1\r\nHost: edge\r\nAuthorization: Basic {password}\r\nContent-Type: video/mp2t\r\n"
                       "Expect: 100-continue\r\n\r\n".encode())
        if not source.recv(4096).startswith(b"HTTP/1.1 100"):
            sys.exit("the server refused a camera")
        while not off.is_set():
            source.sendall(content * 1000)
            time.sleep(0.05)

def turn_on(mount, content):
    off = threading.Event()
    threading.Thread(target=camera, args=(mount, content, off), daemon=True).start()
    time.sleep(1)
    return off

class Viewer(threading.Thread):
    """Asks for the mount and counts the bytes of each camera until it leaves."""
    def __init__(self, mount, account):
        super().__init__(daemon=True)
        self.mount, self.account, self.left = mount, account, threading.Event()
        self.received = {b"1": 0, b"2": 0}
        self.start()

    def run(self):
        with socket.create_connection(("127.0.0.1", EDGE), 10) as client:
            client.sendall(f"GET {self.mount} HTTP/1.1\r\nHost: edge\r\nUser-Agent: {self.account}\r\n\r\n".encode())
            received = b""
            while b"\r\n\r\n" not in received:
                received += client.recv(4096)
            content = received.partition(b"\r\n\r\n")[2]
            client.settimeout(0.1)
            while not self.left.is_set():
                for number in self.received:
                    self.received[number] += content.count(number)
                try:
                    content = client.recv(65536)
                except socket.timeout:
                    content = b""

    def take(self):
        """The cameras that it received since the last call."""
        seen = [number.decode() for number, count in self.received.items() if count]
        self.received = dict.fromkeys(self.received, 0)
        return seen

await_port(EDGE)
off_1, off_2 = turn_on("/cam-1", b"1"), turn_on("/cam-2", b"2")
viewers = [Viewer("/cam-1", "acct-1"), Viewer("/cam-2", "acct-2")]

def show(what, wanted):
    time.sleep(0.5)  # What is under way still arrives.
    for viewer in viewers:
        viewer.take()
    time.sleep(1.5)
    expect(what, [viewer.take() for viewer in viewers], wanted)

show("cameras that the viewers of /cam-1 and /cam-2 receive", [["1"], ["2"]])
off_1.set()
show("while camera 1 is away", [["2"], ["2"]])
off_1 = turn_on("/cam-1", b"1")
show("after it came back", [["1"], ["1"]])
for viewer in viewers:
    viewer.left.set()
    viewer.join()
time.sleep(1)
off_1.set()
off_2.set()
time.sleep(2)
lines = [line.strip() for line in open(LOG)]
for line in lines:
    print("  ", line)
got = [re.search(r'"GET (\S+) HTTP/1\.1" (\d+) (\d+) "-" "(\S+)" (\d+)$', line) for line in lines if '"GET ' in line]
expect("mounts and status in the viewers' lines", sorted((line[4], line[1], line[2]) for line in got),
       [("acct-1", "/cam-1", "200"), ("acct-2", "/cam-2", "200")])
expect("all bytes are in these lines", all(int(line[3]) > 80_000 and int(line[5]) >= 6 for line in got), True)
expect("mounts of the cameras' lines", sorted(re.search(r'"PUT (\S+)', line)[1] for line in lines if '"PUT ' in line),
       ["/cam-1", "/cam-1", "/cam-2"])
PY
