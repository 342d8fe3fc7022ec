"""Situations of Traffic Server."""
import glob
import http.client
import os
import shutil
import subprocess
import time

from servers import RUNROOT
from situations import Situation

ATS_RECORDS = '''CONFIG proxy.config.admin.user_id STRING #-1
CONFIG proxy.config.http.server_ports STRING %d:ip-in=127.0.0.1
CONFIG proxy.config.exec_thread.autoconfig INT 0
CONFIG proxy.config.exec_thread.limit INT 1
CONFIG proxy.config.exec_thread.affinity INT 0
CONFIG proxy.config.url_remap.remap_required INT 1
CONFIG proxy.config.reverse_proxy.enabled INT 1
CONFIG proxy.config.http.cache.http INT 1
CONFIG proxy.config.http.insert_response_via_str INT 0
CONFIG proxy.config.http.cache.max_open_read_retries INT 5
CONFIG proxy.config.http.cache.open_read_retry_time INT 20
CONFIG proxy.config.cache.enable_read_while_writer INT 1
CONFIG proxy.config.log.logging_enabled INT 3
CONFIG proxy.config.log.rolling_enabled INT 0
CONFIG proxy.config.log.max_secs_per_buffer INT 1
CONFIG proxy.config.log.periodic_tasks_interval INT 1
CONFIG proxy.config.http.parent_proxy.self_detect INT 0
CONFIG proxy.config.crash_log_helper STRING /bin/true'''
# The shipped profile 'trafficserver' is for this format.
ATS = ('ts=%<cqtq> ttms=%<ttms> chi=%<chi> acct=%<{X-Account}cqh> client=%<{X-Client}cqh> net=- rtt=- cqhm=%<cqhm> '
       'cqup="%<cqup>" pssc=%<pssc> pscl=%<pscl> crc=%<crc> chm=%<chm> cfsc=%<cfsc> phr=%<phr> sssc=%<sssc> '
       'cluc="%<cluc>" fid=- owner=- cam=- inm="%<{If-None-Match}cqh>" range="%<{Range}cqh>" ua="-" rid=%<{X-Request-Id}cqh>')
ATS_KEY = '''
            function do_remap()
              local path = ts.client_request.get_uri()
              local key = path
              if ts.client_request.header['X-Client'] == 'nest-hub' then
                key = '/slot/' .. string.match(path, '(%d)/snapshot')
              end
              ts.client_request.header['X-Cache-Key'] = string.sub(key, 2)
              @SET@
              return 0
            end'''


class TrafficServerSituation(Situation):
    program = 'traffic_server'
    options = []
    settle = 4
    key = ATS_KEY.replace('@SET@', "ts.http.set_cache_url('http://relay.internal' .. key)")
    plugins = '@plugin=tslua.so @pparam=@PLACE@/etc/key.lua'

    def start(self):
        self.serve('ats', self.port, self.plugins)

    def serve(self, name, port, plugins, above=None):
        place = os.path.join(self.folder, name)
        for folder in ('etc', 'cache', 'log', 'run'):
            os.makedirs(os.path.join(place, folder))
        for path in glob.glob('/etc/trafficserver/*'):
            if os.path.isfile(path):
                shutil.copy(path, os.path.join(place, 'etc'))
        self.write(f'{name}/etc/key.lua', self.key)
        self.write(f'{name}/etc/remap.config', f'map / http://127.0.0.1:{above or self.origin}/ {plugins.replace("@PLACE@", place)}')
        self.write(f'{name}/etc/plugin.config', '')
        self.write(f'{name}/etc/storage.config', f'{place}/cache 64M')
        self.write(f'{name}/etc/records.config', ATS_RECORDS % port)
        self.write(f'{name}/etc/logging.yaml', f"""logging:
  formats:
    - name: lab
      format: '{ATS}'
  logs:
    - {{ filename: relay, format: lab, mode: ascii }}""")
        self.write(f'{name}/runroot.yaml', RUNROOT.replace('@FOLDER@', place))
        self.run('traffic_manager', f'--run-root={place}/runroot.yaml', env=dict(os.environ, TS_RUNROOT=place))

    def control(self, name, *words):
        place = os.path.join(self.folder, name)
        subprocess.run(['traffic_ctl', *words, f'--run-root={place}/runroot.yaml'],
                       env=dict(os.environ, TS_RUNROOT=place), capture_output=True, check=False)

    @property
    def logs(self):
        return {'relay.log': self.place('ats/log/relay.log')}


class TrafficServerVary(TrafficServerSituation):
    """The origin varies by Accept. Expected: an entry holds one frame per value."""
    headers = dict(Situation.headers, Vary='Accept')


class TrafficServerPurge(TrafficServerSituation):
    """PURGE requests for the shared keys, which are logged. Expected: they end entries, and are no deliveries."""
    disturbances = 6

    def disturb(self, number):
        for digit in range(8):
            connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=3)
            connection.request('PURGE', f'/v1/cameras/500{digit}/snapshot', headers={'X-Client': 'nest-hub'})
            connection.getresponse().read()
            connection.close()


class TrafficServerRestart(TrafficServerSituation):
    """Traffic Server restarts; its store is on disk. Expected: entries may or may not survive."""
    disturbances = 2

    def disturb(self, number):
        self.control('ats', 'server', 'restart')
        time.sleep(1)


class TrafficServerTiers(TrafficServerSituation):
    """A Traffic Server in front of another one with its own store and the same keys. Expected: a miss that the upper one answered
    from its store is no fetch, and its line is no second delivery."""

    def start(self):
        self.serve('parent', self.port + 1, self.plugins)
        self.serve('ats', self.port, self.plugins, above=self.port + 1)

    @property
    def logs(self):
        return {'child/relay.log': self.place('ats/log/relay.log'), 'parent/relay.log': self.place('parent/log/relay.log')}


class TrafficServerTiersUnlogged(TrafficServerTiers):
    """The same without the upper one's log. Expected: misses are not taken for fetches of the origin."""

    @property
    def logs(self):
        return {'child/relay.log': self.place('ats/log/relay.log')}
