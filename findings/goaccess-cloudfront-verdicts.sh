#!/usr/bin/env bash
# Version:  GoAccess 1.11 (Debian sid, goaccess 1:1.11-1), log format CLOUDFRONT (its own preset).
# Finding:  The cache panel counts CloudFront's Hit and Miss and silently leaves out its other result types.
#
# Expected: The manual lists nginx's seven words as the panel's values. The preset fills the panel from
#           x-edge-result-type, which has other words. It should know them, or show them as they are, or report the
#           requests that it leaves out.
# Seen:     One request with each of nine result types: 9 valid requests, none failed, none excluded. The panel has one Hit
#           and one Miss, 11.11% each. RefreshHit and OriginShieldHit came from a cache and are missing, so a hit ratio from
#           this panel is too low.
# Reading:  Subtract the panel's sum from the valid requests to see how many it left out.
#
#   total 9, valid 9, failed 0, excluded 0      cache_status: Hit 1 (11.11%), Miss 1 (11.11%)
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

unpack sid goaccess=1:1.11-1
WORK=$work timeout 60 python3 - <<'PY'
import json, os, subprocess, sys

def expect(what, seen, wanted):
    if seen != wanted:
        sys.exit(f"the behaviour changed: {what}: saw {seen!r}, not {wanted!r}")
    print(f"seen: {what}: {seen!r}")

root = os.environ["WORK"] + "/root"
results = ["Hit", "RefreshHit", "OriginShieldHit", "Miss", "LimitExceeded", "CapacityExceeded", "Error", "Redirect",
           "FunctionGeneratedResponse"]
columns = ("date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) "
           "cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken "
           "x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status "
           "fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len "
           "sc-range-start sc-range-end").split()
values = {
    "date": "2026-11-30", "x-edge-location": "FRA56-P1", "sc-bytes": "8220", "cs-method": "GET", "cs(Host)": "edge.example",
    "sc-status": "200", "cs(User-Agent)": "camera/1.0", "x-host-header": "edge.example", "cs-protocol": "https",
    "cs-bytes": "100", "time-taken": "0.012", "ssl-protocol": "TLSv1.3", "ssl-cipher": "TLS_AES_128_GCM_SHA256",
    "cs-protocol-version": "HTTP/2.0", "c-port": "443", "time-to-first-byte": "0.011", "sc-content-type": "image/jpeg",
    "sc-content-len": "8000",
}
with open(root + "/tmp/edge.log", "w") as log:
    log.write("#Version: 1.0\n#Fields: " + " ".join(columns) + "\n")
    for number, result in enumerate(results):
        line = values | {"time": f"06:44:{number:02}", "c-ip": f"127.0.0.{number + 1}", "cs-uri-stem": f"/cam-{number}.jpg",
                         "x-edge-request-id": f"id-{number}", "x-edge-result-type": result,
                         "x-edge-response-result-type": result, "x-edge-detailed-result-type": result}
        log.write("\t".join(line.get(column, "-") for column in columns) + "\n")

run = subprocess.run(
    ["/usr/sbin/chroot", root, "/usr/bin/goaccess", "/tmp/edge.log", "--log-format=CLOUDFRONT", "--no-global-config", "--no-progress",
     "-o", "json"], capture_output=True, check=True, text=True, env={"HOME": "/tmp", "LC_ALL": "C"})
report = json.loads(run.stdout)
general = report["general"]
expect("total, valid, failed and excluded requests", [general[name] for name in
       ("total_requests", "valid_requests", "failed_requests", "excluded_hits")], [9, 9, 0, 0])
expect("the cache panel", sorted((row["data"], row["hits"]["count"], row["hits"]["percent"]) for row in report["cache_status"]["data"]),
       [("Hit", 1, "11.11"), ("Miss", 1, "11.11")])
PY
