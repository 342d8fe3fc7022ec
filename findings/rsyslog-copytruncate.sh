#!/usr/bin/env bash
# Version:  rsyslog 8.2610.0 imfile and logrotate 3.22.0 (Debian sid, rsyslog 8.2610.0-1, logrotate 3.22.0-1).
# Finding:  After a rotation with copytruncate, imfile skips lines and then sends the end of a line as a line.
#
# Expected: logrotate's manual warns that copytruncate may lose what is written between copy and truncation. imfile's page
#           says that it follows rotated files, and that reopenOnTruncate (off by default, experimental) makes it start
#           again after a truncation. Without that option it should send nothing until the file is as long as before, or
#           everything from the start; in any case whole lines.
# Seen:     imfile keeps its old offset, waits until the file has grown past it, and continues in the middle of whatever line
#           is there. The first field of that line, the account, loses its head: "acct-20417" becomes "17", an account
#           that may exist, with a frame that another account received. The 16 lines before are never sent. The rotated
#           copy and the file hold all lines, so the sending machine shows no loss.
# Reading:  Do not trust the first line after a gap in shipped logs; the sender's own files decide.
#
#   written after the rotation: acct-20401 to acct-20440      shipped: "17 GET /cam-17 200 HIT f17", acct-20418 to acct-20440
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

unpack sid rsyslog=8.2610.0-1 logrotate=3.22.0-1 dash coreutils
logs=$work/root/logs
mkdir -p "$logs" "$work/root/var/lib/rsyslog"
cat >"$work/root/etc/ship.conf" <<'CONF'
global(workDirectory="/var/lib/rsyslog")
module(load="imfile")
template(name="line" type="string" string="%msg%\n")
ruleset(name="ship") { action(type="omfile" file="/tmp/shipped.log" template="line") }
input(type="imfile" file="/logs/access.log" tag="edge" ruleset="ship")
CONF
cat >"$work/root/etc/rotate.conf" <<'CONF'
/logs/access.log {
  su root root
  rotate 3
  copytruncate
}
CONF
touch "$logs/access.log"
serve rsyslogd -n -f /etc/ship.conf -i /tmp/rsyslogd.pid
sleep 2

ROOT=$work/root timeout 90 python3 - <<'PY'
import os, subprocess, sys, time

root = os.environ["ROOT"]
log, shipped = root + "/logs/access.log", root + "/tmp/shipped.log"

def line(account, verdict="HIT"):
    number = account % 100
    return f"acct-{account} GET /cam-{number:02} 200 {verdict} f{number:02}\n"

def write(text):
    with open(log, "a") as file:
        file.write(text)

def read(path):
    return open(path).read() if os.path.exists(path) else ""

def expect(what, seen, wanted):
    if seen != wanted:
        sys.exit(f"the behaviour changed: {what}: saw {seen!r}, not {wanted!r}")
    print(f"seen: {what}: {seen!r}")

before = [line(10401, "REVALIDATED")] + [line(10401 + number) for number in range(1, 16)]
for text in before:
    write(text)
time.sleep(2)
expect("lines shipped before the rotation", read(shipped) == "".join(before), True)

subprocess.run(["/usr/sbin/chroot", root, "/usr/sbin/logrotate", "--force", "--state", "/tmp/rotate.state", "/etc/rotate.conf"], check=True)
expect("the rotated copy is whole and the file is empty", [read(log + ".1") == "".join(before), read(log)], [True, ""])

after = [line(20401 + number) for number in range(40)]
for text in after:
    write(text)
    time.sleep(0.05)
time.sleep(3)
got = read(shipped).splitlines(keepends=True)[len(before):]
expect("lines written and shipped after the rotation", [len(after), len(got)], [40, 24])
expect("the first one shipped", got[0], "17 GET /cam-17 200 HIT f17\n")
expect("the line it is the end of", after[16], "acct-20417 GET /cam-17 200 HIT f17\n")
expect("the rest is whole", got[1:] == after[17:], True)
expect("the file on the sending machine is whole", read(log) == "".join(after), True)
PY
