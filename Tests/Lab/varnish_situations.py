"""Situations of Varnish, and of Vinyl, its name since version 9."""
import os
import time

from situations import Situation

VARNISH = ('%{%Y-%m-%dT%H:%M:%S}t.%{usec_frac}tZ who=%{X-Account}i client=%{X-Client}i "%r" %s %b us=%D '
           '%{Varnish:handling}x key=%{VCL_Log:ck}x rid=%{X-Request-Id}i')


class VarnishSituation(Situation):
    program = 'varnishd'
    name, grace = 'varnish', '1s'
    format = VARNISH
    options = ['--varnishncsa-format', VARNISH]
    receive, response, routines, imports = '', '', '', ''

    def start(self):
        vcl = self.write('lab.vcl', r'''vcl 4.1;
            import std;
            %s
            backend origin { .host = "127.0.0.1"; .port = "@ORIGIN@"; }
            sub vcl_recv {
              set req.http.X-Cache-Key = req.url;
              if (req.http.X-Client == "nest-hub" && req.url ~ "/snapshot$") {
                set req.http.X-Cache-Key = "slot/" + regsub(req.url, "^.*([0-9])/snapshot$", "\1");
              }
              std.log("ck:" + req.http.X-Cache-Key);
              %s
              return (hash);
            }
            sub vcl_hash { hash_data(req.http.X-Cache-Key); return (lookup); }
            sub vcl_backend_response { set beresp.grace = %s; set beresp.keep = 20s; set beresp.http.X-Key = bereq.http.X-Cache-Key;
              %s }
            %s''' % (self.imports, self.receive, self.grace, self.response, self.routines))
        self.instance = os.path.join(self.folder, 'vd')
        self.run(f'{self.name}d', '-F', '-j', 'none', '-n', self.instance, '-a', f'127.0.0.1:{self.port}', '-T', '127.0.0.1:0',
                 '-f', vcl, '-s', 'malloc,16m')
        time.sleep(5)
        self.run(f'{self.name}ncsa', '-n', self.instance, '-w', self.log, '-F', self.format)
        self.run(f'{self.name}log', '-n', self.instance, '-g', 'request', '-A', '-w', os.path.join(self.folder, 'varnishlog.txt'))

    def admin(self, *words):
        self.call(f'{self.name}adm', '-n', self.instance, *words)


class VarnishGrace(VarnishSituation):
    """Stale answers while a fetch is under way, which this log calls hits. Expected: a hit may be on the previous frame."""


class VarnishVary(VarnishSituation):
    """The origin varies by Accept. Expected: an entry holds one frame per value, and a hit is on one of them."""
    headers = dict(Situation.headers, Vary='Accept')


class VarnishPage(VarnishSituation):
    """A page that includes the snapshot (ESI): the page's key is right, the fragment's is not. Expected: the page's line names
    no frame of its own, so its frames are unknown."""
    response = 'if (bereq.url ~ "/page$") { set beresp.do_esi = true; set beresp.ttl = 0s; set beresp.uncacheable = true; }'
    has_parts = False

    def path(self, camera):
        return f'/v1/cameras/{camera}/page'


class VarnishHitMiss(VarnishSituation):
    """Cameras whose last digit is odd are not to be stored. Expected: `hitmiss` is a separate fetch."""
    response = 'if (bereq.http.X-Camera ~ "[1357]$") { set beresp.uncacheable = true; set beresp.ttl = 3s; }'


class VarnishBans(VarnishSituation):
    """Bans and a restart of the cache's process, neither of which is logged. Expected: as for removed files."""
    disturbances = 6

    def disturb(self, number):
        if number % 3 == 2:
            self.admin('stop')
            self.admin('start')
        else:
            self.admin('ban', 'obj.http.X-Key', '~', 'slot/[0-7]')


class VarnishRestart(VarnishSituation):
    """Some hits are restarted as passes. Expected: the line describes the last round, which fetched for this client."""
    receive = 'if (req.restarts > 0) { return (pass); }'
    routines = 'sub vcl_deliver { if (req.restarts == 0 && obj.hits > 0 && req.http.X-Again) { return (restart); } }'

    def fields(self, chance):
        return {'X-Again': '1'} if chance.random() < 0.05 else {}


class VarnishTransactions(VarnishVary):
    """The same as VarnishVary by `varnishlog -g request`. Expected: `Hit` names the fetch, so hits are certain.
    Seen: within bounds, and few are certain."""
    options = []

    @property
    def logs(self):
        return {'varnishlog.txt': self.place('varnishlog.txt')}


class Vinyl:
    program = 'vinyld'
    name = 'vinyl'
    format = VARNISH.replace('Varnish:', 'Vinyl:')
    options = ['--varnishncsa-format', format]


class VinylPage(Vinyl, VarnishPage):
    """As VarnishPage."""


class VinylVary(Vinyl, VarnishVary):
    """As VarnishVary."""


class VinylSaint(Vinyl, VarnishSituation):
    """Saint mode: an error of the origin makes this object's fetch go elsewhere, or a stale one is served. Expected: the answer
    in place of an error is an older fill, even one that expired long ago (grace)."""
    grace = '8s'
    imports = 'import saintmode;'
    routines = '''
            sub vcl_init { new saint = saintmode.saintmode(origin, 5); }
            sub vcl_backend_fetch { set bereq.backend = saint.backend(); }
            sub vcl_backend_response { if (beresp.status >= 500) { saintmode.blacklist(2s); return (retry); } }'''
    disturbances = 6

    def disturb(self, number):
        self.origin_server.failing = number % 2 == 0
