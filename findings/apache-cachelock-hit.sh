#!/usr/bin/env bash
# Version:  Apache httpd 2.4.71 (Debian 13, apache2 2.4.71-1~deb13u1), mod_cache with CacheLock on.
# Finding:  While one request renews an expired entry, the others receive the expired frame, logged as a plain "cache hit".
#
# Expected: The manual says that such requests receive stale data, that the lock on a new key holds nobody back and only
#           keeps others from storing, and that cache-status gives the detailed reason. The reason should distinguish a
#           stale answer, as it does in "cache hit: 503 status; stale content returned", or at least an Age beyond the
#           lifetime should; and an answer from the origin should be a miss.
# Seen:     - Entry f1 has expired. acct-0 asks and receives f2 after a second: "cache miss: attempting entity save". acct-1
#             asks within that second and receives f1: "cache hit", with no Age at all, though a fresh hit has one. Only
#             the reply's Warning header differs, a field that RFC 9111 has retired.
#           - On a cold key acct-4 asks during acct-3's fill. Both go to the origin, acct-4's answer is not stored, and its
#             cache-status is "-", as where the cache is off.
# Reading:  A "cache hit" that began within another request's miss on its key carries the entry from before that miss.
#           Sorted by %t, the start, the hit follows the miss; in the file it precedes it.
#
#   acct-1 "cache hit" f1 age=-                                      0.3 s after acct-0
#   acct-0 "cache miss: attempting entity save" f2 age=-             took 1 s
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

unpack trixie apache2=2.4.71-1~deb13u1
origin=$(free_port) edge=$(free_port)
mkdir -m 777 "$work/root/tmp/cache" "$work/root/tmp/locks"
cat >"$work/root/etc/edge.conf" <<CONF
ServerRoot /usr/lib/apache2
ServerName edge
PidFile /tmp/edge.pid
Listen 127.0.0.1:$edge
ErrorLog /tmp/error.log
User www-data
Group www-data
$(for module in mpm_event authz_core cache cache_disk proxy proxy_http; do
  echo "LoadModule ${module}_module modules/mod_$module.so"
done)
CacheRoot /tmp/cache
CacheEnable disk /
CacheLock on
CacheLockPath /tmp/locks
ProxyPass / http://127.0.0.1:$origin/
LogFormat "%{usec}t|%D|%U|%{X-Account}i|%{cache-status}e|%{X-Frame-Id}o|age=%{Age}o|warning=%{Warning}o" edge
CustomLog /tmp/access.log edge
CONF
serve apache2 -DFOREGROUND -f /etc/edge.conf

ORIGIN=$origin EDGE=$edge LOG=$work/root/tmp/access.log timeout 90 python3 - <<'PY'
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
ORIGIN, EDGE, LOG = int(os.environ["ORIGIN"]), int(os.environ["EDGE"]), os.environ["LOG"]
count = 0

def answer(request):
    global count
    count += 1
    frame = f"f{count}"
    if request.headers["X-Account"] != "acct-9":
        time.sleep(1)
    return 200, [("Cache-Control", "max-age=4"), ("X-Frame-Id", frame)], frame.encode()

def together(path, first, second):
    """Two requests, the second 0.3 s after the first; the bodies."""
    bodies = {}
    def ask(account):
        bodies[account] = fetch(EDGE, path, {"X-Account": account})[2].decode()
    threads = [threading.Thread(target=ask, args=(account,)) for account in (first, second)]
    threads[0].start()
    time.sleep(0.3)
    threads[1].start()
    for thread in threads:
        thread.join()
    return [bodies[first], bodies[second]]

serve_origin(ORIGIN, answer)
await_port(EDGE)
fetch(EDGE, "/warm", {"X-Account": "acct-9"})
fetch(EDGE, "/warm", {"X-Account": "acct-9"})
time.sleep(5.2)
expect("bodies while the entry is renewed", together("/warm", "acct-0", "acct-1"), ["f2", "f1"])
expect("bodies while a cold key is filled", together("/cold", "acct-3", "acct-4"), ["f3", "f4"])
expect("body of the next hit", fetch(EDGE, "/cold", {"X-Account": "acct-5"})[2].decode(), "f3")
time.sleep(0.5)
lines = [line.strip().split("|") for line in open(LOG)]
for line in lines:
    print("  ", *line)
MISS = "cache miss: attempting entity save"
by_account = {line[3]: line for line in lines}
expect("a fresh hit's status", by_account["acct-9"][4], "cache hit")
expect("a fresh hit's Age", by_account["acct-9"][6], "age=0")
expect("the stale answer's status, frame, Age", by_account["acct-1"][4:7], ["cache hit", "f1", "age=-"])
expect("its Warning", by_account["acct-1"][7], "warning=110 Response is stale")
expect("the renewing request's", by_account["acct-0"][4:6], [MISS, "f2"])
miss, hit = by_account["acct-0"], by_account["acct-1"]
expect("the hit began within the miss", int(miss[0]) < int(hit[0]) < int(miss[0]) + int(miss[1]), True)
expect("it stands before it in the file", lines.index(hit) < lines.index(miss), True)
expect("statuses on the cold key", [by_account[account][4] for account in ("acct-3", "acct-4", "acct-5")], [MISS, "-", "cache hit"])
PY
