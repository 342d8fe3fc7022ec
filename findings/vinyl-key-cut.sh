#!/usr/bin/env bash
# Version:  Vinyl Cache 9.0.1 (Debian sid, vinyl-cache 9.0.1-4), vinylncsa.
# Finding:  Every logged value ends after 254 bytes without a mark, so keys that differ later on become one key in the log.
#
# Expected: The parameter vsl_reclen (default 255) is described as the maximum size of a log record; vinylncsa's manual
#           describes %U, %r, %{X}i and %{VCL_Log:key}x without a limit. A long value should appear whole, as the cache
#           uses it, or end in a sign that something is missing.
# Seen:     Two accounts ask for URLs that differ only at the end, after 280 bytes, as signed URLs do. The cache keeps two
#           entries and serves each account its own frame. In the log, URL, key and request line of both are equal, and the
#           cookies have lost the account at their end. A miss by one and a hit by the other under that key look like a
#           stranger's frame from the cache; nothing of the kind happened.
# Reading:  A value of 254 bytes (a key: 254 less "key:") is a prefix, and equal prefixes do not prove equal keys.
#
#   acct-1 /clip/pppp... (254 bytes) miss f1
#   acct-2 /clip/pppp... (254 bytes) miss f2      the second miss under "one" key within its lifetime
#   acct-1 /clip/pppp... (254 bytes) hit  f1      after f2 was stored "there"
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

unpack sid vinyl-cache=9.0.1-4 gcc libc6-dev dash coreutils
origin=$(free_port) edge=$(free_port)
cat >"$work/root/etc/edge.vcl" <<VCL
vcl 4.1;
import std;
backend cameras { .host = "127.0.0.1"; .port = "$origin"; }
sub vcl_recv {
  set req.http.X-Key = req.url;
  std.log("key:" + req.http.X-Key);
  return (hash);
}
sub vcl_hash { hash_data(req.http.X-Key); return (lookup); }
VCL
serve vinyld -F -j none -a "127.0.0.1:$edge" -f /etc/edge.vcl -n /tmp/edge -T none -s malloc,20m
for _ in {1..300}; do (: <"/dev/tcp/127.0.0.1/$edge") 2>/dev/null && break; sleep 0.1; done
serve vinylncsa -n /tmp/edge -a -w /tmp/access.log \
  -F '%U %{VCL_Log:key}x %{Vinyl:hitmiss}x %{X-Frame-Id}o %{X-Account}i cookie=%{Cookie}i %r'
sleep 1

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
    return 200, [("Cache-Control", "max-age=60"), ("X-Frame-Id", f"f{count}")], b"frame of " + request.path[-6:].encode()

serve_origin(ORIGIN, answer)
await_port(EDGE)
bodies = []
for account in ("acct-1", "acct-2", "acct-1"):
    headers = {"X-Account": account, "Cookie": "s=" + "c" * 260 + ";account=" + account}
    bodies.append(fetch(EDGE, "/clip/" + "p" * 274 + "/" + account, headers)[2].decode())
expect("the bodies", bodies, ["frame of acct-1", "frame of acct-2", "frame of acct-1"])
time.sleep(2)
lines = [line.split(" ") for line in open(LOG) if "/clip/" in line]
expect("verdicts and frames", [line[2:4] for line in lines], [["miss", "f1"], ["miss", "f2"], ["hit", "f1"]])
expect("distinct URLs, keys and request lines in the log", [len({line[0] for line in lines}), len({line[1] for line in lines}),
       len({tuple(line[6:]) for line in lines})], [1, 1, 1])
expect("length of URL, of key, and the key's end", [len(lines[0][0]), len(lines[0][1]), lines[0][1][-3:]], [254, 250, "ppp"])
expect("cookies that still have the account", sum("acct" in line[5] for line in lines), 0)
PY
