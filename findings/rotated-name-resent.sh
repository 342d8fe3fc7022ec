#!/usr/bin/env bash
# Version:  rsyslog 8.2610.0 (imfile) and syslog-ng 4.12.0 (wildcard-file) with logrotate 3.22.0 (all Debian sid).
# Finding:  If a rotated log's new name matches the pattern too, lines that were sent are sent again: by syslog-ng all of them,
#           by rsyslog those after the first 512 bytes.
#
# Expected: logrotate's `dateext` with `extension .log` renames access.log to access-20261201-….log, and *.log matches both.
#           A rename changes neither the file nor its inode. rsyslog's manual says that imfile supports rotation and names its
#           state files by inode; syslog-ng keeps positions, too. A file that was read to its end has nothing new to send,
#           so each line should arrive once.
# Seen:     A writer adds 100 lines, all arrive, logrotate renames; four times. Nothing is lost, 400 different lines arrive.
#           - syslog-ng: 800 lines, every one of them twice.
#           - rsyslog: 551 to 705 in three runs. After most renames it sends a file again from the end of the line at byte 512, now and then
#             whole, and sometimes not at all. (imfile tells a file by its first 512 bytes and stores its position when a file
#             reaches that length; it resumes there, as if the renamed file were another. With persistStateInterval="1" a
#             repeat is rare, but whole.)
#           The repeated lines have no mark, and rsyslog's begin anywhere within a file.
# Reading:  A second copy of a run of lines that ends with the last line before a rotation is no second delivery. Let the
#           pattern match no rotated name.
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


unpack sid rsyslog=8.2610.0-1 logrotate=3.22.0-1
unpack sid syslog-ng-core=4.12.0-2
mkdir -p "$work"/root/tmp/{state,rsyslog,syslog-ng} "$work/root/var/lib/syslog-ng"
cat >"$work/root/etc/rsyslog.conf" <<'CONF'
global(workDirectory="/tmp/state")
module(load="imfile")
template(name="line" type="string" string="%msg%\n")
input(type="imfile" file="/tmp/rsyslog/*.log" tag="edge" ruleset="rsyslog")
ruleset(name="rsyslog") { action(type="omfile" file="/tmp/rsyslog.sent" template="line") }
CONF
cat >"$work/root/etc/syslog-ng.conf" <<'CONF'
@version: 4.8
source edge { wildcard-file(base-dir("/tmp/syslog-ng") filename-pattern("*.log") flags(no-parse)); };
destination sent { file("/tmp/syslog-ng.sent" template("$MSG\n")); };
log { source(edge); destination(sent); };
CONF
cat >"$work/root/etc/logrotate.conf" <<'CONF'
/tmp/rsyslog/access.log /tmp/syslog-ng/access.log {
  rotate 20
  create
  dateext
  dateformat -%Y%m%d-%s
  extension .log
}
CONF

export ROOT=$work/root
write() {
  local number folder
  for folder in rsyslog syslog-ng; do
    for number in $(seq $(($1 * 100 + 1)) $(($1 * 100 + 100))); do echo "delivery=$number acct=a$number"; done \
      >>"$ROOT/tmp/$folder/access.log"
  done
}
write 0
serve rsyslogd -n -f /etc/rsyslog.conf -i /tmp/rsyslog.pid
serve syslog-ng -F -f /etc/syslog-ng.conf --persist-file /tmp/state/syslog-ng --pidfile /tmp/syslog-ng.pid --control /tmp/control
for hour in 1 2 3 4; do
  sleep 3
  PATH=/usr/sbin:/usr/bin chroot "$ROOT" logrotate -f -s /tmp/logrotate.state /etc/logrotate.conf
  sleep 3
  [ $hour = 4 ] || write $hour
done

timeout 60 python3 - <<'PY'
import collections, os, re, sys

def expect(what, seen, wanted):
    if seen != wanted:
        sys.exit(f"the behaviour changed: {what}: saw {seen!r}, not {wanted!r}")
    print(f"seen: {what}: {seen!r}")

root = os.environ["ROOT"] + "/tmp/"
written = [f"delivery={number} acct=a{number}" for number in range(1, 401)]
sent = {name: [line.strip() for line in open(f"{root}{name}.sent")] for name in ("rsyslog", "syslog-ng")}
files = sorted(name for name in os.listdir(root + "rsyslog"))
expect("names", [bool(re.fullmatch(r"access-\d{8}-\d+\.log", name)) for name in files], [True] * 4 + [False])
for name, lines in sent.items():
    print(f"   {name}: {len(lines)} lines")
    expect(f"{name} sent every line and no other", set(lines) == set(written), True)
expect("times that syslog-ng sent a line", set(collections.Counter(sent["syslog-ng"]).values()), {2})
counts, resumed = collections.Counter(sent["rsyslog"]), 0
for hour in range(4):
    lines = written[hour * 100:hour * 100 + 100]
    # The line that byte 512 is in is the last that is not sent again.
    end = next(i for i in range(100) if sum(len(line) + 1 for line in lines[:i + 1]) >= 512) + 1
    again = [i for i, line in enumerate(lines) if counts[line] > 1]
    print(f"   hour {hour}: byte 512 is in line {end}, sent again: {len(again)} lines from {again[0] + 1 if again else '-'}")
    expect("they are all after byte 512, all, or none", again in (list(range(end, 100)), list(range(100)), []), True)
    resumed += again == list(range(end, 100))
expect("at least one hour was sent again from byte 512", resumed > 0, True)
PY
