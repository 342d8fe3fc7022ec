#!/usr/bin/env bash
# Version:  Apache httpd 2.4.71 (Debian 13, apache2 2.4.71-1~deb13u1), mod_cache with its default, CacheQuickHandler on.
# Finding:  Log columns that a <Location> derives are empty in the lines of hits, or hold the client's own words.
#
# Expected: The manual says that the quick handler answers before most of the server's processing, and names what that
#           bypasses; it does not mention the log. If a location's configuration derives the account, its access log
#           should have the account in every line.
# Seen:     <Location /cam> derives the account from a token, once with SetEnvIf for %{ACCOUNT}e and once with RequestHeader
#           for %{X-Account}i. A miss has it in both columns. A hit has "-" in the first and the X-Account that the client
#           sent in the second. A revalidation has the account in the first and the client's word in the second. So the
#           deliveries from the cache, the ones that matter, lack the checked account. With CacheQuickHandler off all
#           lines are alike.
# Reading:  Compare a column's values in hits and in misses before trusting it for either.
#
#   acct-1 acct-1 "cache miss: attempting entity save"
#   -      me     "cache hit"
#   acct-3 me     "conditional cache hit: entity refreshed"
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
origin=$(free_port) on=$(free_port) off=$(free_port)
for quick in on off; do
  mkdir -m 777 "$work/root/tmp/$quick"
  cat >"$work/root/etc/$quick.conf" <<CONF
ServerRoot /usr/lib/apache2
ServerName edge
PidFile /tmp/$quick.pid
Listen 127.0.0.1:${!quick}
ErrorLog /tmp/error.log
User www-data
Group www-data
$(for module in mpm_event authz_core cache cache_disk proxy proxy_http headers setenvif; do
  echo "LoadModule ${module}_module modules/mod_$module.so"
done)
CacheQuickHandler $quick
CacheRoot /tmp/$quick
CacheEnable disk /
ProxyPass / http://127.0.0.1:$origin/
<Location /cam>
  SetEnvIf X-Token "^token-of-(.*)" ACCOUNT=\$1
  RequestHeader set X-Account "expr=%{req:X-Token}"
  RequestHeader edit X-Account "^token-of-" ""
</Location>
LogFormat "%{ACCOUNT}e|%{X-Account}i|%{cache-status}e" edge
CustomLog /tmp/$quick.log edge
CONF
  serve apache2 -DFOREGROUND -f "/etc/$quick.conf"
done

ORIGIN=$origin ON=$on OFF=$off LOGS=$work/root/tmp timeout 90 python3 - <<'PY'
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
ORIGIN = int(os.environ["ORIGIN"])

def answer(request):
    headers = [("Cache-Control", "max-age=2"), ("ETag", '"e"')]
    if request.headers.get("If-None-Match"):
        return 304, headers, b""
    return 200, headers, b"frame"

serve_origin(ORIGIN, answer)
MISS, HIT, REVALIDATED = "cache miss: attempting entity save", "cache hit", "conditional cache hit: entity refreshed"
for quick, hit, revalidated in (
    ("ON", ["-", "me", HIT], ["acct-3", "me", REVALIDATED]),
    ("OFF", ["acct-2", "acct-2", HIT], ["acct-3", "acct-3", REVALIDATED]),
):
    port = int(os.environ[quick])
    await_port(port)
    for account, pause in (("acct-1", 0), ("acct-2", 3.2), ("acct-3", 0)):
        fetch(port, "/cam", {"X-Token": "token-of-" + account, "X-Account": "me"})
        time.sleep(pause)
    time.sleep(0.5)
    lines = [line.strip().split("|") for line in open(f"{os.environ['LOGS']}/{quick.lower()}.log")]
    expect(f"CacheQuickHandler {quick}: miss, hit, revalidation", lines,
           [["acct-1", "acct-1", MISS], hit, revalidated])
PY
