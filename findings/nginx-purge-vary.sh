#!/usr/bin/env bash
# Version:  nginx 1.30.6 with ngx_cache_purge 3.0.4 (Debian sid, nginx 1.30.6-2, libnginx-mod-http-cache-purge
#           1:3.0.4-1+b1), answers with Vary.
# Finding:  A purge without the varying header says 412 and removes nothing, even with cache_purge_vary_aware on; a purge
#           with it says 200 and, by default, removes one variant.
#
# Expected: The module's page says that a purge removes the key's entry, that 412 means that the entry is not in the cache,
#           and that cache_purge_vary_aware (off by default) extends an exact purge to all variants of the key. A purge
#           job knows keys and no accounts: with that setting it should empty the key, and a 412 should prove it empty.
# Seen:     Two accounts have frames under one key, with Vary: X-Account. PURGE without X-Account: 412, and both accounts'
#           hits continue, with the setting on as with it off. PURGE with acct-1's header: 200 "purged"; acct-2's hits
#           continue with the setting off and end with it on. The purges' log lines are the same for both settings.
# Reading:  With Vary, a purge line of 200 ends for certain only the variant of its own headers; one of 412 proves nothing.
#
#   PURGE key=/cam-1 412 -            GET key=/cam-1 200 HIT f1 acct-1     GET key=/cam-1 200 HIT f2 acct-2
#   PURGE key=/cam-1 200 - acct-1     GET key=/cam-1 200 MISS f3 acct-1    GET key=/cam-1 200 HIT f2 acct-2
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

unpack sid nginx=1.30.6-2 libnginx-mod-http-cache-purge=1:3.0.4-1+b1
origin=$(free_port) off=$(free_port) on=$(free_port)
for setting in off on; do
  cat >"$work/root/etc/$setting.conf" <<CONF
load_module /usr/lib/nginx/modules/ngx_http_cache_purge_module.so;
user root;
worker_processes 1;
pid /tmp/$setting.pid;
error_log /tmp/error.log;
events {}
http {
  log_format edge '\$request_method key=\$uri \$status \$upstream_cache_status \$sent_http_x_frame_id \$http_x_account';
  access_log /tmp/$setting.log edge;
  proxy_cache_path /tmp/$setting keys_zone=frames:1m;
  cache_purge_vary_aware $setting;
  server {
    listen 127.0.0.1:${!setting};
    location / {
      proxy_pass http://127.0.0.1:$origin;
      proxy_cache frames;
      proxy_cache_key \$uri;
      proxy_cache_purge PURGE from 127.0.0.1;
    }
  }
}
CONF
  serve nginx -c "/etc/$setting.conf" -g 'daemon off;'
done

ORIGIN=$origin OFF=$off ON=$on LOGS=$work/root/tmp timeout 60 python3 - <<'PY'
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
ORIGIN, OFF, ON = (int(os.environ[name]) for name in ("ORIGIN", "OFF", "ON"))
count = 0

def answer(request):
    global count
    count += 1
    frame = f"f{count}"
    return 200, [("Cache-Control", "max-age=60"), ("Vary", "X-Account"), ("X-Frame-Id", frame)], frame.encode()

serve_origin(ORIGIN, answer)
for setting, port, after in (("off", OFF, ["f3", "f2"]), ("on", ON, ["f3", "f4"])):
    await_port(port)
    count = 0

    def frames():
        return [fetch(port, "/cam-1", {"X-Account": account})[2].decode() for account in ("acct-1", "acct-2")]

    expect(f"{setting}: the frames of two accounts", frames(), ["f1", "f2"])
    expect(f"{setting}: a purge without the header", fetch(port, "/cam-1", method="PURGE")[0], 412)
    expect(f"{setting}: the frames after it", frames(), ["f1", "f2"])
    status, _, body = fetch(port, "/cam-1", {"X-Account": "acct-1"}, method="PURGE")
    expect(f"{setting}: a purge with one account's header", [status, b"purged" in body and b"/cam-1" in body], [200, True])
    expect(f"{setting}: the frames after it", frames(), after)
time.sleep(0.5)
purges = [[line.split() for line in open(f"{os.environ['LOGS']}/{setting}.log") if line.startswith("PURGE")]
          for setting in ("off", "on")]
expect("the lines of the purges", purges[0], [["PURGE", "key=/cam-1", "412", "-", "-", "-"],
                                              ["PURGE", "key=/cam-1", "200", "-", "-", "acct-1"]])
expect("the lines are the same for both settings", purges[0] == purges[1], True)
PY
