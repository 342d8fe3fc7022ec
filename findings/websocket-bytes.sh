#!/usr/bin/env bash
# Version:  Apache httpd 2.4.69 and Vinyl Cache 9.0.1 as proxies of a WebSocket; nginx 1.30.6 for comparison (all Debian sid).
# Finding:  A live view over a WebSocket has no size in Apache's common formats, and neither status nor size in Vinyl's.
#
# Expected: Apache describes %b as the size of the response and %B as the same with 0; vinylncsa has %s for the status sent to
#           the client and %b for the body's size. The client received 101 and 100,080 bytes of frames, so the line should
#           have 101 and that size, as nginx's does ($body_bytes_sent).
# Seen:     - Apache (mod_proxy with upgrade=websocket): 101, "-" in %b and 0 in %B. Only %O of mod_logio, or %S, counts them.
#           - Vinyl (return (pipe), as its manual shows for WebSockets): "-" as status, "-" as size, a miss. The handling is
#             "pipe", and only %O counts the bytes. A filter on the status loses the delivery.
#           - nginx: 101 and 100,080.
# Reading:  A 101 without a size is a live view of unknown length, and a Vinyl line without a status is a piped one. Log %O.
#
#   Apache  "GET /live HTTP/1.1" 101 -  %O=100209     Vinyl  "GET /live HTTP/1.1" - -  pipe %O=100209     nginx  101 100080
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


unpack sid apache2=2.4.69-1 nginx=1.30.6-2 vinyl-cache=9.0.1-4 gcc libc6-dev dash coreutils
origin=$(free_port) apache=$(free_port) nginx=$(free_port) vinyl=$(free_port)
cat >"$work/root/etc/apache.conf" <<CONF
ServerRoot /usr/lib/apache2
ServerName edge
PidFile /tmp/apache.pid
Listen 127.0.0.1:$apache
ErrorLog /tmp/apache.error.log
User www-data
Group www-data
$(for module in mpm_event authz_core proxy proxy_http proxy_wstunnel; do
  echo "LoadModule ${module}_module modules/mod_$module.so"
done)
ProxyPass / http://127.0.0.1:$origin/ upgrade=websocket
LogFormat "%h %l %u %t \"%r\" %>s %b|%>s|%b|%B|%O|%D" edge
CustomLog /tmp/apache.log edge
CONF
cat >"$work/root/etc/nginx.conf" <<CONF
user root;
worker_processes 1;
pid /tmp/nginx.pid;
error_log /tmp/nginx.error.log;
events {}
http {
  log_format edge '\$remote_addr - \$remote_user [\$time_local] "\$request" \$status \$body_bytes_sent|\$status|\$body_bytes_sent';
  server {
    listen 127.0.0.1:$nginx;
    access_log /tmp/nginx.log edge;
    location / {
      proxy_pass http://127.0.0.1:$origin;
      proxy_http_version 1.1;
      proxy_set_header Upgrade \$http_upgrade;
      proxy_set_header Connection upgrade;
    }
  }
}
CONF
cat >"$work/root/etc/edge.vcl" <<VCL
vcl 4.1;
backend cameras { .host = "127.0.0.1"; .port = "$origin"; }
sub vcl_recv {
  if (req.http.upgrade ~ "(?i)websocket") {
    return (pipe);
  }
}
sub vcl_pipe {
  if (req.http.upgrade) {
    set bereq.http.upgrade = req.http.upgrade;
    set bereq.http.connection = req.http.connection;
  }
}
VCL
serve apache2 -DFOREGROUND -f /etc/apache.conf
serve nginx -c /etc/nginx.conf -g 'daemon off;'
serve vinyld -F -j none -a "127.0.0.1:$vinyl" -f /etc/edge.vcl -n /tmp/edge -T none -s malloc,20m
for _ in {1..300}; do (: <"/dev/tcp/127.0.0.1/$vinyl") 2>/dev/null && break; sleep 0.1; done
serve vinylncsa -n /tmp/edge -a -w /tmp/vinyl.log -F '%h %l %u %t "%r" %s %b|%s|%b|%{Vinyl:hitmiss}x|%{Vinyl:handling}x|%O|%D'
sleep 1

ORIGIN=$origin APACHE=$apache NGINX=$nginx VINYL=$vinyl LOGS=$work/root/tmp timeout 90 python3 - <<'PY'
import os, socket, sys, threading, time

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

FRAME = b"\x82\x7e\x13\x88" + b"x" * 5000  # RFC 6455, section 5.2: a final binary frame of 5,000 bytes.

def read_header(connection):
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(4096)
    return received.partition(b"\r\n\r\n")

def camera(connection):
    """Sends twenty frames in two seconds and waits until the viewer leaves."""
    with connection:
        read_header(connection)
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
        for _ in range(20):
            connection.sendall(FRAME)
            time.sleep(0.1)
        connection.settimeout(10)
        connection.recv(1)

def accept(listener):
    while True:
        threading.Thread(target=camera, args=(listener.accept()[0],), daemon=True).start()

threading.Thread(target=accept, args=(socket.create_server(("127.0.0.1", int(os.environ["ORIGIN"]))),), daemon=True).start()

def watch(port):
    """The status and the bytes of frames that a viewer receives."""
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(b"GET /live HTTP/1.1\r\nHost: edge\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
        header, _, frames = read_header(client)
        while len(frames) < 20 * len(FRAME):
            frames += client.recv(65536)
        time.sleep(0.5)
    return header.split()[1].decode(), len(frames)

for name in ("APACHE", "NGINX", "VINYL"):
    await_port(int(os.environ[name]))
    expect(f"what the client of {name} received", watch(int(os.environ[name])), ("101", 20 * len(FRAME)))
time.sleep(2)

def line(name):
    """The fields after the combined part of the one line of the view."""
    found = [line.strip() for line in open(f"{os.environ['LOGS']}/{name}.log") if "/live" in line]
    print("  ", *found)
    expect(f"lines of {name}", len(found), 1)
    return found[0].split("|")[1:]

status, size, bytes_or_0, output, duration = line("apache")
expect("Apache's %>s, %b and %B", (status, size, bytes_or_0), ("101", "-", "0"))
expect("its %O has the frames", 100_080 < int(output) < 101_000, True)
expect("its duration is that of the view", int(duration) > 1_900_000, True)
status, size, verdict, handling, output, duration = line("vinyl")
expect("Vinyl's %s, %b, verdict and handling", (status, size, verdict, handling), ("-", "-", "miss", "pipe"))
expect("its %O has the frames", 100_080 < int(output) < 101_000, True)
expect("its duration is that of the view", int(duration) > 1_900_000, True)
expect("nginx's status and size", line("nginx"), ["101", "100080"])
PY
