#!/usr/bin/env bash
# Version:  lnav 0.13.2 (Debian sid, lnav 0.13.2-1), access logs in the combined format.
# Finding:  lnav takes logs with the same first line for copies of one file and hides all of them but one, without a word.
#
# Expected: The manual says that lnav merges the files that it is given by time. The logs of three nodes differ in name and
#           content, so all of their lines should be in the view and in the table access_log. A file that is left out should
#           be named, at least where lnav runs without its screen.
# Seen:     A probe asks all nodes in the same second, and its line opens each rotated log; the other lines differ. Of 303
#           lines, the view and access_log have the 101 of the first node. lnav_file lists three files with 101 lines each,
#           none marked; its content_id is equal, and it covers the first line only. There is no message, and the exit code
#           is 0. If the probe of one node is a second late, that node's lines are there. JSON logs behave alike, where each
#           begins with the same notice of a start.
# Reading:  Compare the table's log_path values with the files, or look for equal values of content_id in lnav_file.
#
#   node-a.log 101, node-b.log 101, node-c.log 101 lines      select count(*) from access_log: 101
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


unpack sid lnav=0.13.2-1
WORK=$work timeout 60 python3 - <<'PY'
import json, os, subprocess, sys

def expect(what, seen, wanted):
    if seen != wanted:
        sys.exit(f"the behaviour changed: {what}: saw {seen!r}, not {wanted!r}")
    print(f"seen: {what}: {seen!r}")

root = os.environ["WORK"] + "/root"
os.mkdir(root + "/tmp/logs")

def line(second, account, path, size):
    return f'127.0.0.1 - {account} [30/Nov/2026:06:{second // 60:02}:{second % 60:02} +0000] "GET {path} HTTP/1.1" 200 {size} "-" "-"\n'

def write(name, lines):
    open(f"{root}/tmp/logs/{name}", "w").writelines(lines)
    return f"/tmp/logs/{name}"

def access_log(name, node, probe):
    return write(name, [line(probe, "-", "/health", 2)] + [line(2 + i, f"acct-{node}{i}", f"/cam-{node}{i}", 8000) for i in range(100)])

def lnav(*arguments):
    run = subprocess.run(["/usr/sbin/chroot", root, "/usr/bin/lnav", "-n", *arguments], capture_output=True, check=True, text=True,
                         stdin=subprocess.DEVNULL, env={"HOME": "/tmp", "LC_ALL": "C.UTF-8", "TERM": "dumb"})
    if run.stderr:
        sys.exit(f"the behaviour changed: a message: {run.stderr}")
    return run.stdout

def table(query, *files):
    return json.loads(lnav("-c", ";" + query, "-c", ":write-json-to -", *files))

COUNT = "select log_path, count(*) as lines from access_log group by log_path"
nodes = [access_log(f"node-{node}.log", node, 0) for node in "abc"]
expect("the first node alone", table(COUNT, nodes[0]), [{"log_path": nodes[0], "lines": 101}])
expect("three nodes", table(COUNT, *nodes), [{"log_path": nodes[0], "lines": 101}])
expect("lines in the view", len(lnav(*nodes).splitlines()), 101)
listed = table("select filepath, lines, content_id from lnav_file", *nodes)
expect("lines that lnav_file lists", [(row["filepath"], row["lines"]) for row in listed], [(path, 101) for path in nodes])
expect("different values of content_id", len({row["content_id"] for row in listed}), 1)
late = access_log("node-late.log", "d", 1)
expect("with a node whose probe was a second later", table(COUNT, *nodes, late),
       [{"log_path": nodes[0], "lines": 101}, {"log_path": late, "lines": 101}])
started = [write(f"json-{node}.log", [json.dumps({"ts": "2026-11-30T06:00:00Z", "level": "info", "msg": "started"}) + "\n"] + [
    json.dumps({"ts": f"2026-11-30T06:{i:02}:01Z", "level": "info", "msg": f"cam-{node}{i}"}) + "\n" for i in range(50)]) for node in "ab"]
expect("two JSON logs of 51 lines", len(lnav(*started).splitlines()), 51)
PY
