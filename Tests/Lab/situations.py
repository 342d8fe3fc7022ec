"""Servers in situations that make their logs hard to read, each with the same fault: for the client 'nest-hub' the key is the
camera's last digit. The log names no frame and no owner, so that what was delivered must be concluded from the fills. Those of Varnish and of Traffic Server have files of their own.
"""
import glob
import os
import shutil
import signal
import time

from servers import Server, HAPROXY_SYSLOG

NGINX = ('$msec who=$http_x_account client=$http_x_client "$request_method $request_uri" $status $body_bytes_sent $request_time '
         '$upstream_cache_status key=$ck rid=$http_x_request_id')
SQUID = ('%ts.%03tu %6tr who=%{X-Account}>h client=%{X-Client}>h %Ss/%03>Hs %<st %rm %ru %Sh key=%note{ck} '
         'rid=%{X-Request-Id}>h')
APACHE = ('%{%Y-%m-%dT%H:%M:%S}t.%{usec_frac}tZ who=%{X-Account}i client=%{X-Client}i %m %>s %b us=%D %X '
          'cache="%{cache-status}e" key=%U rid=%{X-Request-Id}i')


class Situation(Server):
    # The origin's headers with every frame.
    headers = {'Cache-Control': 'max-age=5', 'Content-Type': 'image/jpeg'}
    has_parts = True
    # Why the logs cannot show the truth, if they cannot: missed and false exposures then do not fail the run.
    beyond = None
    # The number of calls of `disturb` while the clients ask.
    disturbances = 0
    # The maximum delay of its last lines, seconds.
    settle = 2

    def fields(self, chance):
        """Additional header fields of a request."""
        return {}

    def path(self, camera):
        return f'/v1/cameras/{camera}/snapshot'

    def port_for(self, number):
        return self.port

    def disturb(self, number):
        pass

    @property
    def logs(self):
        """The path of each log of the dump."""
        return {'relay.log': self.place('relay.log')}


# MARK: nginx

class NginxSituation(Situation):
    program = 'nginx'
    options = ['--nginx-log-format', NGINX]
    # Of the cache's zone, of the locations, of the whole.
    zone, location, extra = '', '', ''
    upper_key = '$uri'
    up = '127.0.0.1:@ORIGIN@'

    def start(self):
        conf = self.write('nginx.conf', r'''
            daemon off; user root; worker_processes 1; pid @FOLDER@/pid; error_log @FOLDER@/error.log;
            events { worker_connections 256; }
            http {
              map $http_x_client:$uri $ck { ~^nest-hub:.*(\d)/snapshot$ "slot/$1"; default $uri; }
              log_format lab '%s';
              proxy_cache_path @FOLDER@/cache1 keys_zone=c1:1m %s;
              proxy_cache_path @FOLDER@/cache2 keys_zone=c2:1m %s;
              proxy_cache_path @FOLDER@/cache3 keys_zone=c3:1m;
              client_body_temp_path @FOLDER@/t1; proxy_temp_path @FOLDER@/t2; fastcgi_temp_path @FOLDER@/t3;
              uwsgi_temp_path @FOLDER@/t4; scgi_temp_path @FOLDER@/t5;
              proxy_cache_lock on; proxy_cache_revalidate on; proxy_cache_background_update on; proxy_cache_use_stale updating;
              proxy_cache_key $ck; proxy_set_header X-Cache-Key $ck;
              %s
              server { listen 127.0.0.1:@PORT@; access_log @FOLDER@/edge1.log lab;
                location / { proxy_pass http://%s; proxy_cache c1; %s } }
              server { listen 127.0.0.1:@PORT1@; access_log @FOLDER@/edge2.log lab;
                location / { proxy_pass http://%s; proxy_cache c2; %s } }
              server { listen 127.0.0.1:@PORT2@; access_log @FOLDER@/shield.log lab;
                set $upper %s;
                location / { proxy_pass http://127.0.0.1:@ORIGIN@; proxy_cache c3; proxy_cache_key $upper;
                  proxy_set_header X-Cache-Key $upper; } }
            }''' % (NGINX, self.zone, self.zone, self.extra, self.up, self.location, self.up, self.location, self.upper_key))
        self.run('nginx', '-c', conf, '-e', os.path.join(self.folder, 'error.log'))

    @property
    def logs(self):
        return {'edge.log': self.place('edge1.log')}


class NginxEdges(NginxSituation):
    """Two edges whose logs name no node. Expected: recognized as two caches, because a hit of one is a miss of the other; bounds hold."""

    def port_for(self, number):
        return self.port + number % 2

    @property
    def logs(self):
        return {'edge-1/access.log': self.place('edge1.log'), 'edge-2/access.log': self.place('edge2.log')}


class NginxTiers(NginxSituation):
    """An edge in front of a shield, both logged and both with the wrong key. Expected: one answer in two logs counts once; a miss of
    the edge that the shield answered from its store is no fetch."""
    up = '127.0.0.1:@PORT2@'
    upper_key = '$http_x_cache_key'

    @property
    def logs(self):
        return {'edge/access.log': self.place('edge1.log'), 'shield/access.log': self.place('shield.log')}


class NginxTiersUnlogged(NginxTiers):
    """The same without the shield's log. Expected: the edge's misses are not taken for fetches of the origin. Seen: entries of both end
    at one time, so each refresh of the edge triggers one of the shield and receives the shield's stale frame. The edge's
    and the origin's logs look like those of an edge without a shield that has the new frame."""
    beyond = 'the logs are those of an edge without a shield'

    @property
    def logs(self):
        return {'edge/access.log': self.place('edge1.log')}


class NginxSlice(NginxSituation):
    """Slices of a kilobyte, each under its own key. Expected: a body may hold parts of several frames and of two homes, so a
    hit may be on any stored part, and is never certain of one owner if two filled."""
    location = 'slice 1k; proxy_set_header Range $slice_range; proxy_cache_key $ck$slice_range; proxy_cache_valid 200 206 5s;'


class NginxRemoved(NginxSituation):
    """The cache's files are removed while it runs. Expected: entries end without a line, and the next request is a miss."""
    disturbances = 3

    def disturb(self, number):
        for path in glob.glob(self.place('cache1/*')):
            shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else os.remove(path)


class NginxEvicting(NginxSituation):
    """A cache with room for a few entries. Expected: as above, all the time."""
    zone = 'max_size=16k min_free=0'


# MARK: Squid

KEY = r'''
import re, sys
for line in sys.stdin:
    words = line.split()
    found = re.match(r'https?://[^/]+(/.*?([0-9])/snapshot)', words[1])
    if not found:
        print(words[0] + ' ERR', flush=True)
        continue
    key = 'slot/' + found[2] if 'nest-hub' in words[2:] else found[1].lstrip('/')
    print(words[0] + ' OK @OUT@=http://relay.internal/' + key + ' ck=' + key, flush=True)
'''


class SquidSituation(Situation):
    program = 'squid'
    options = ['--squid-logformat', SQUID]
    rewriting = 'store_id_program /usr/bin/env python3 @FOLDER@/key.py\nstore_id_extras "%{X-Client}>h"\n' \
        'store_id_children 2 startup=2 idle=1 concurrency=20'
    helper = KEY.replace('@OUT@', 'store-id')

    def start(self):
        os.chmod(self.place(''), 0o777)
        self.write('key.py', self.helper)
        self.serve('squid', self.port)

    def serve(self, name, port, peers=''):
        conf = self.write(f'{name}.conf', f'''
            pid_filename @FOLDER@/{name}.pid
            coredump_dir @FOLDER@
            visible_hostname {name}
            http_port 127.0.0.1:{port} accel defaultsite=relay.test no-vhost
            cache_peer 127.0.0.1 parent @ORIGIN@ 0 no-query originserver no-digest name=origin connect-fail-limit=50
            {peers}
            http_access allow all
            icp_access allow all
            never_direct allow all
            {self.rewriting}
            request_header_add X-Cache-Key "%note{{ck}}" all
            cache_mem 16 MB
            memory_cache_mode always
            collapsed_forwarding on
            refresh_pattern . 0 20% 60
            shutdown_lifetime 1 seconds
            pinger_enable off
            netdb_filename none
            logfile_rotate 0
            buffered_logs off
            cache_log @FOLDER@/{name}-cache.log
            logformat lab {SQUID}
            access_log stdio:@FOLDER@/{name}.log lab
            ''')
        self.run('squid', '-N', '-f', conf, '-n', f'lab{port}')

    @property
    def logs(self):
        return {'relay.log': self.place('squid.log')}


class SquidVary(SquidSituation):
    """The origin varies by Accept. Expected: an entry is a frame for each value."""
    headers = dict(Situation.headers, Vary='Accept')


class SquidRestarts(SquidSituation):
    """Squid restarts with an empty memory. Expected: entries end without a line."""
    disturbances = 2

    def disturb(self, number):
        process = self.processes.pop()
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        for path in glob.glob(f'{self.root}/dev/shm/lab{self.port}-*') + [self.place('squid.pid')]:
            if os.path.exists(path):
                os.remove(path)
        self.run('squid', '-N', '-f', os.path.join(self.folder, 'squid.conf'), '-n', f'lab{self.port}')
        time.sleep(1)


class SquidSiblings(SquidSituation):
    """Two Squids that ask each other (ICP) before the origin. Expected: a MISS that a sibling answered (SIBLING_HIT) carries the
    sibling's frame and is no fetch; the sibling's line of the same request is no second delivery."""
    rewriting = 'url_rewrite_program /usr/bin/env python3 @FOLDER@/key.py\nurl_rewrite_extras "%{X-Client}>h"\n' \
        'url_rewrite_children 2 startup=2 idle=1 concurrency=20\nurl_rewrite_access deny CONNECT\n' \
        'acl sibling req_header Via .\nurl_rewrite_access deny sibling'
    helper = KEY.replace('@OUT@', 'rewrite-url')

    def start(self):
        os.chmod(self.place(''), 0o777)
        self.write('key.py', self.helper)
        for number in range(2):
            self.serve(f'squid{number}', self.port + number,
                       f'icp_port {self.port + 4 + number}\n'
                       f'cache_peer 127.0.0.1 sibling {self.port + 1 - number} {self.port + 5 - number} no-digest name=other')

    def port_for(self, number):
        return self.port + number % 2

    @property
    def logs(self):
        return {f'squid-{number}/access.log': self.place(f'squid{number}.log') for number in range(2)}


# MARK: HAProxy

class HAProxyThreads(Situation):
    """Four threads with one cache, and a log that names no frame. Expected: lines of simultaneous requests come in any order;
    two threads that miss at once both fetch, and the cache keeps the fetch that began first. Also seen: the line has the URL that the
    client sent, not the one that set-path made of it and the cache uses."""
    program = 'haproxy'
    options = []
    has_parts = False

    def start(self):
        conf = self.write('haproxy.cfg', r'''
            global
              log 127.0.0.1:@PORT1@ local0
              nbthread 4
            defaults
              mode http
              log global
              option httplog
              timeout connect 2s
              timeout client 30s
              timeout server 5s
            cache snaps
              total-max-size 4
              max-age 5
            frontend relay
              bind 127.0.0.1:@PORT@
              capture request header X-Account len 64
              capture request header X-Client len 32
              capture request header X-Request-Id len 32
              http-request set-path /slot/%[path,'regsub("^.*([0-9])/snapshot$","\1")'] if { req.hdr(X-Client) nest-hub }
              http-request set-header X-Cache-Key %[path]
              http-request cache-use snaps
              http-response cache-store snaps
              default_backend origin
            backend origin
              server origin 127.0.0.1:@ORIGIN@
            ''')
        self.run('python3', '-c', HAPROXY_SYSLOG, str(self.port + 1), self.root + self.log, on_host=True)
        time.sleep(0.5)
        self.run('haproxy', '-f', conf)


# MARK: Apache

class ApacheLock(Situation):
    """mod_cache with CacheLock, and many clients at once for one key that has just ended (a thundering herd). Expected: one of
    them fetches; the others receive the previous entry, logged as a hit."""
    program = 'apache2'
    options = ['--apache-log-format', APACHE]
    lock = 'CacheLock on\nCacheLockPath @FOLDER@/lock\nCacheLockMaxAge 5'

    def start(self):
        os.makedirs(self.place('lock'), exist_ok=True)
        os.makedirs(self.place('cache'), exist_ok=True)
        os.chmod(self.place('lock'), 0o777)
        os.chmod(self.place('cache'), 0o777)
        modules = ['mpm_event', 'authz_core', 'proxy', 'proxy_http', 'cache', 'cache_disk', 'rewrite', 'headers', 'setenvif']
        conf = self.write('apache.conf', '\n'.join(
            f'LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so' for module in modules) + rf'''
ServerRoot @FOLDER@
ServerName relay.test
Listen 127.0.0.1:@PORT@
PidFile @FOLDER@/pid
DefaultRuntimeDir @FOLDER@
User www-data
Group www-data
ErrorLog @FOLDER@/error.log
LogFormat "{APACHE.replace('"', chr(92) + '"')}" lab
CustomLog @FOLDER@/relay.log lab
CacheQuickHandler off
CacheRoot @FOLDER@/cache
CacheEnable disk /
CacheIgnoreNoLastMod On
{self.lock}
RewriteEngine on
RewriteCond %{{HTTP:X-Client}} =nest-hub
RewriteRule ^.*([0-9])/snapshot$ /slot/$1 [PT]
RequestHeader set X-Cache-Key "expr=%{{REQUEST_URI}}"
ProxyPass / http://127.0.0.1:@ORIGIN@/
''')
        self.run('apache2', '-DFOREGROUND', '-f', conf)


class ApacheHerd(ApacheLock):
    """The same without the lock. Expected: several fetch at once, and the last one to end is kept."""
    lock = ''
