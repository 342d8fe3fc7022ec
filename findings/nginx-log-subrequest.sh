#!/usr/bin/env bash
# Version:  nginx 1.30.6 (Debian sid, nginx 1.30.6-2), proxy_cache, slice and mirror with `log_subrequest on`.
# Finding:  A complete answer has an empty $request_completion, and a subrequest's line passes for one more delivery.
#
# Expected: The documentation says that $request_completion is "OK" if a request has completed, and an empty string otherwise;
#           and that log_subrequest logs subrequests into the same log. So a complete answer should say OK, and a subrequest's
#           line should be recognizable, for example by its path.
# Seen:     - Both lines of a request with a background update, slices or a mirror have an empty $request_completion, even
#             that of the client, which received the whole body: variables are shared, and the first line's value is kept.
#           - Request line, account, request id, status and connection are the client's on all lines; $uri differs for the
#             mirror alone. $body_bytes_sent of a subrequest's line is what the connection has sent by then, headers
#             included: 200 and some hundred bytes, as of a small frame.
#           - The answer from the cache is STALE, and the line before it says EXPIRED for the same request.
#           - $request_length is 0 on a subrequest's line, and on no other.
# Reading:  A line with $request_length 0 is not a client's. Without that field in the format the lines cannot be distinguished,
#           and an empty $request_completion with log_subrequest means nothing.
#
#   acct-2 "GET /frame HTTP/1.1" 200 completion= cache=EXPIRED bytes=149 length=0
#   acct-2 "GET /frame HTTP/1.1" 200 completion= cache=STALE bytes=7 length=111
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

unpack sid nginx=1.30.6-2
origin=$(free_port) edge=$(free_port)
cat >"$work/root/etc/edge.conf" <<CONF
user root;
worker_processes 1;
pid /tmp/nginx.pid;
error_log /tmp/error.log;
events {}
http {
  log_format edge '\$http_x_account|\$request|\$uri|\$status|\$request_completion|\$upstream_cache_status|\$body_bytes_sent|\$request_length|\$request_id';
  log_subrequest on;
  proxy_cache_path /tmp/frames keys_zone=frames:1m;
  server {
    listen 127.0.0.1:$edge;
    access_log /tmp/access.log edge;
    location /frame {
      proxy_pass http://127.0.0.1:$origin;
      proxy_cache frames;
      proxy_cache_use_stale updating;
      proxy_cache_background_update on;
    }
    location /clip {
      slice 4;
      proxy_pass http://127.0.0.1:$origin;
      proxy_cache frames;
      proxy_cache_key \$uri\$slice_range;
      proxy_set_header Range \$slice_range;
      proxy_cache_valid 200 206 1h;
    }
    location /copied {
      mirror /copy;
      proxy_pass http://127.0.0.1:$origin;
    }
    location = /copy {
      internal;
      proxy_pass http://127.0.0.1:$origin/copy;
    }
  }
}
CONF
serve nginx -c /etc/edge.conf -g 'daemon off;'

ORIGIN=$origin EDGE=$edge LOG=$work/root/tmp/access.log timeout 60 python3 - <<'PY'
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
BODY = b"frame-1"

def answer(request):
    wanted = request.headers.get("Range")
    if wanted:
        first, last = (int(part) for part in wanted.removeprefix("bytes=").split("-"))
        part = BODY[first:last + 1]
        return 206, [("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(BODY)}"), ("ETag", '"f1"')], part
    return 200, [("Cache-Control", "max-age=1")], BODY

def lines(account):
    time.sleep(0.5)
    names = "account request uri status completion cache bytes length id".split()
    found = [dict(zip(names, line.rstrip("\n").split("|"))) for line in open(LOG)]
    found = [line for line in found if line["account"] == account]
    for line in found:
        print(f'   {account} "{line["request"]}" {line["status"]} completion={line["completion"]} cache={line["cache"]} '
              f'bytes={line["bytes"]} length={line["length"]}')
    return found

serve_origin(ORIGIN, answer)
await_port(EDGE)
fetch(EDGE, "/frame", {"X-Account": "acct-1"})
time.sleep(2.5)
expect("the body of a stale answer", fetch(EDGE, "/frame", {"X-Account": "acct-2"})[2], BODY)
expect("the body in slices", fetch(EDGE, "/clip", {"X-Account": "acct-3"})[2], BODY)
expect("the body of a mirrored request", fetch(EDGE, "/copied", {"X-Account": "acct-4"})[2], BODY)

plain = lines("acct-1")
expect("lines and completion without a subrequest", [line["completion"] for line in plain], ["OK"])
for account, what in (("acct-2", "with a background update"), ("acct-3", "in slices"), ("acct-4", "with a mirror")):
    found = lines(account)
    expect(f"lines of one answer {what}", len(found), 2)
    expect("their completion", [line["completion"] for line in found], ["", ""])
    expect("their request lines, statuses and ids are one", len({(x["request"], x["status"], x["id"]) for x in found}), 1)
    expect("length is 0 on the subrequest's alone", [line["length"] == "0" for line in found], [True, False])
    expect("bytes of the client's own", found[1]["bytes"], str(len(BODY)))
    expect("bytes of the subrequest's seem a body's", int(found[0]["bytes"]) > 100, True)
update = lines("acct-2")
expect("what the two say of the cache", [line["cache"] for line in update], ["EXPIRED", "STALE"])
PY
