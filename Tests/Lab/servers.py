"""The caches of the lab, each with the same fault: for the client 'nest-hub' the cache key is the camera's last digit.

A server has a name, a program that must be installed, a way to start it in front of the origin, and options that read its log:
a shipped profile, or the log format of its configuration here.
"""
import os
import shutil
import subprocess
import time

NGINX_FORMAT = ('$msec $remote_addr who=$http_x_account client=$http_x_client "$request" $status $body_bytes_sent '
                '$request_time $upstream_cache_status fid=$sent_http_etag key=$ck')
VARNISH_FORMAT = ('%{%Y-%m-%dT%H:%M:%S}t.%{usec_frac}tZ who=%{X-Account}i client=%{X-Client}i "%r" %s %b us=%D '
                  '%{Varnish:handling}x fid=%{ETag}o key=%{VCL_Log:ck}x')
SQUID_FORMAT = ('%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru who=%{X-Account}>h client=%{X-Client}>h '
                'fid=%{ETag}<h key=%note{ck}')

# The files of a Traffic Server from a folder of packages.
RUNROOT = '''prefix: /usr
exec_prefix: /usr
bindir: /usr/bin
sbindir: /usr/sbin
sysconfdir: @FOLDER@/etc
datadir: @FOLDER@/cache
includedir: /usr/include
libdir: /usr/lib/trafficserver
libexecdir: /usr/lib/trafficserver/modules
localstatedir: @FOLDER@/run
runtimedir: @FOLDER@/run
logdir: @FOLDER@/log
cachedir: @FOLDER@/cache'''
# HAProxy writes only to syslog.
HAPROXY_SYSLOG = '''
import socket, sys
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", int(sys.argv[1])))
with open(sys.argv[2], "ab", 0) as log:
    while True:
        log.write(receiver.recv(65536).rstrip(b"\\n") + b"\\n")
'''


class Server:
    """A cache on a loopback port in its own folder, with the place and the options of its log."""
    program = ''
    # Whether the headers on a line belong to its body, so every count must be exact.
    is_exact = True

    def __init__(self, folder, port, origin, root=''):
        """`root` is a folder of unpacked packages in which the server runs (chroot), with `folder` inside."""
        self.folder, self.port, self.origin, self.root, self.processes = folder, port, origin, root, []

    def place(self, name):
        """The path of the server's file, outside the chroot."""
        return self.root + os.path.join(self.folder, name)

    def write(self, name, text):
        words = dict(FOLDER=self.folder, ORIGIN=self.origin, PORT=self.port, PORT1=self.port + 1, PORT2=self.port + 2)
        for word, value in words.items():
            text = text.replace(f'@{word}@', str(value))
        with open(self.place(name), 'w') as file:
            file.write(text.rstrip() + '\n')
        return os.path.join(self.folder, name)

    def inside(self, command):
        return ['chroot', self.root, *command] if self.root else list(command)

    def run(self, *command, on_host=False, **options):
        output = open(self.place('output'), 'a')
        self.processes.append(subprocess.Popen(
            command if on_host else self.inside(command), stdout=output, stderr=subprocess.STDOUT, **options))

    def call(self, *command):
        """Runs a command to its end."""
        with open(self.place('output'), 'a') as output:
            subprocess.run(self.inside(command), stdout=output, stderr=subprocess.STDOUT, check=False)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()

    @property
    def log(self):
        return os.path.join(self.folder, 'relay.log')

    @classmethod
    def is_installed(cls, root=''):
        path = os.pathsep.join(root + folder for folder in ('/usr/sbin', '/usr/bin', '/usr/local/sbin'))
        return shutil.which(cls.program, path=path if root else os.environ.get('PATH', '') + os.pathsep + path) is not None


class Nginx(Server):
    program = 'nginx'
    options = ['--nginx-log-format', NGINX_FORMAT]

    def start(self):
        conf = self.write('nginx.conf', r'''
            daemon off; worker_processes 1; pid @FOLDER@/pid; error_log @FOLDER@/error.log;
            events { worker_connections 256; }
            http {
              map $http_x_client:$uri $ck { ~^nest-hub:.*(\d)/snapshot$ "slot/$1"; default $uri; }
              log_format lab '%s';
              proxy_cache_path @FOLDER@/cache keys_zone=c:1m;
              client_body_temp_path @FOLDER@/t1; proxy_temp_path @FOLDER@/t2; fastcgi_temp_path @FOLDER@/t3;
              uwsgi_temp_path @FOLDER@/t4; scgi_temp_path @FOLDER@/t5;
              server {
                listen 127.0.0.1:@PORT@; access_log @FOLDER@/relay.log lab;
                location / { proxy_pass http://127.0.0.1:@ORIGIN@; proxy_cache c; proxy_cache_key $ck; proxy_cache_lock on;
                  proxy_set_header X-Cache-Key $ck; }
              }
            }''' % NGINX_FORMAT)
        self.run('nginx', '-c', conf, '-e', os.path.join(self.folder, 'error.log'))


class Varnish(Server):
    program = 'varnishd'
    options = ['--varnishncsa-format', VARNISH_FORMAT]

    def start(self):
        vcl = self.write('lab.vcl', r'''vcl 4.1;
            import std;
            backend origin { .host = "127.0.0.1"; .port = "@ORIGIN@"; }
            sub vcl_recv {
              set req.http.X-Cache-Key = req.url;
              if (req.http.X-Client == "nest-hub") {
                set req.http.X-Cache-Key = "slot/" + regsub(req.url, "^.*([0-9])/snapshot$", "\1");
              }
              std.log("ck:" + req.http.X-Cache-Key);
              return (hash);
            }
            sub vcl_hash { hash_data(req.http.X-Cache-Key); return (lookup); }''')
        folder = os.path.join(self.folder, 'vd')
        self.run('varnishd', '-F', '-j', 'none', '-n', folder, '-a', f'127.0.0.1:{self.port}', '-T', '127.0.0.1:0',
                 '-f', vcl, '-s', 'malloc,16m', '-p', 'default_grace=0')
        time.sleep(3)
        self.run('varnishncsa', '-n', folder, '-w', self.log, '-F', VARNISH_FORMAT)


class Squid(Server):
    program = 'squid'
    # After a revalidation its headers may belong to another frame, so on a hit the key's fills decide, within bounds.
    is_exact = False
    options = ['--squid-logformat', SQUID_FORMAT]

    def start(self):
        os.chmod(self.folder, 0o777)
        self.write('key.py', '''
import re, sys
for line in sys.stdin:
    words = line.split()
    found = re.match(r'https?://[^/]+(/.*?([0-9])/snapshot)', words[1])
    if not found:
        print(words[0] + ' ERR', flush=True)
        continue
    key = 'slot/' + found[2] if 'nest-hub' in words[2:] else found[1]
    print(words[0] + ' OK store-id=http://relay.internal/' + key + ' ck=' + key, flush=True)
''')
        conf = self.write('squid.conf', f'''
            pid_filename @FOLDER@/pid
            coredump_dir @FOLDER@
            visible_hostname relay
            http_port 127.0.0.1:@PORT@ accel defaultsite=relay.test no-vhost
            cache_peer 127.0.0.1 parent @ORIGIN@ 0 no-query originserver no-digest
            http_access allow all
            never_direct allow all
            store_id_program /usr/bin/env python3 @FOLDER@/key.py
            store_id_extras "%{{X-Client}}>h"
            store_id_children 2 startup=2 idle=1 concurrency=20
            request_header_add X-Cache-Key "%note{{ck}}" all
            cache_mem 16 MB
            memory_cache_mode always
            refresh_pattern . 0 20% 60
            shutdown_lifetime 1 seconds
            pinger_enable off
            netdb_filename none
            logfile_rotate 0
            buffered_logs off
            cache_log @FOLDER@/cache.log
            logformat lab {SQUID_FORMAT}
            access_log stdio:@FOLDER@/relay.log lab
            ''')
        # The name of its shared memory must be unique.
        self.run('squid', '-N', '-f', conf, '-n', f'lab{self.port}')


class TrafficServer(Server):
    program = 'traffic_server'
    # The shipped profile 'trafficserver' is for this format.
    options = []
    FORMAT = ('ts=%<cqtq> ttms=%<ttms> chi=%<chi> acct=%<{X-Account}cqh> client=%<{X-Client}cqh> net=%<{X-Net}cqh> '
              'rtt=%<{X-Rtt}cqh> cqhm=%<cqhm> cqup="%<cqup>" pssc=%<pssc> pscl=%<pscl> crc=%<crc> chm=%<chm> '
              'cfsc=%<cfsc> phr=%<phr> sssc=%<sssc> cluc="%<cluc>" fid=%<{ETag}psh> owner=%<{X-Frame-Owner}psh> '
              'cam=%<{X-Camera}psh> inm="%<{If-None-Match}cqh>" range="%<{Range}cqh>" ua="%<{User-Agent}cqh>" '
              'rid=%<{X-Request-Id}cqh>')

    def start(self):
        for name in ('etc', 'cache', 'log', 'run'):
            os.makedirs(os.path.join(self.folder, name))
        for name in os.listdir('/etc/trafficserver'):
            path = os.path.join('/etc/trafficserver', name)
            if os.path.isfile(path):
                shutil.copy(path, os.path.join(self.folder, 'etc'))
        self.write('etc/key.lua', '''
            function do_remap()
              local path = ts.client_request.get_uri()
              local key = path
              if ts.client_request.header['X-Client'] == 'nest-hub' then
                key = '/slot/' .. string.match(path, '(%d)/snapshot$')
              end
              ts.client_request.header['X-Cache-Key'] = string.sub(key, 2)
              ts.http.set_cache_url('http://relay.internal' .. key)
              return 0
            end''')
        self.write('etc/remap.config',
                   'map / http://127.0.0.1:@ORIGIN@/ @plugin=tslua.so @pparam=@FOLDER@/etc/key.lua')
        self.write('etc/plugin.config', '')
        self.write('etc/storage.config', '@FOLDER@/cache 64M')
        self.write('etc/records.config', '''CONFIG proxy.config.admin.user_id STRING #-1
CONFIG proxy.config.http.server_ports STRING @PORT@:ip-in=127.0.0.1
CONFIG proxy.config.url_remap.remap_required INT 1
CONFIG proxy.config.reverse_proxy.enabled INT 1
CONFIG proxy.config.http.cache.http INT 1
CONFIG proxy.config.log.logging_enabled INT 3
CONFIG proxy.config.log.rolling_enabled INT 0
CONFIG proxy.config.log.max_secs_per_buffer INT 1
CONFIG proxy.config.log.periodic_tasks_interval INT 1
CONFIG proxy.config.crash_log_helper STRING /bin/true''')
        self.write('etc/logging.yaml', f'''logging:
  formats:
    - name: lab
      format: '{self.FORMAT}'
  logs:
    - {{ filename: relay, format: lab, mode: ascii }}''')
        self.write('runroot.yaml', RUNROOT)
        self.run('traffic_manager', f'--run-root={self.folder}/runroot.yaml',
                 env=dict(os.environ, TS_RUNROOT=self.folder))

    @property
    def log(self):
        return os.path.join(self.folder, 'log', 'relay.log')


class HAProxy(Server):
    program = 'haproxy'
    # Its log goes only to syslog; the shipped profile reads it.
    options = []

    def start(self):
        conf = self.write('haproxy.cfg', r'''
            global
              log 127.0.0.1:@PORT1@ local0
            defaults
              mode http
              log global
              option httplog
              timeout connect 2s
              timeout client 30s
              timeout server 5s
            cache snaps
              total-max-size 4
              max-age 60
            frontend relay
              bind 127.0.0.1:@PORT@
              capture request header X-Account len 64
              capture request header X-Client len 32
              capture response header ETag len 40
              http-request set-header X-Camera-Path %[path]
              http-request set-path /slot/%[path,'regsub("^.*([0-9])/snapshot$","\1")'] if { req.hdr(X-Client) nest-hub }
              http-request set-header X-Cache-Key %[path]
              http-request cache-use snaps
              http-response cache-store snaps
              default_backend origin
            backend origin
              server origin 127.0.0.1:@ORIGIN@
            ''')
        self.run('python3', '-c', HAPROXY_SYSLOG, str(self.port + 1), self.log)
        time.sleep(0.5)
        self.run('haproxy', '-f', conf)


SERVERS = dict(nginx=Nginx, varnish=Varnish, squid=Squid, trafficserver=TrafficServer, haproxy=HAProxy)
