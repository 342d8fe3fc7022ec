"""The camera cloud and its clients for the lab's situations, and the comparison at the end.

Each body repeats the name of its owner, so every part of it has the name. The client's record of the body is the truth; it
depends on no header and no log.
"""
import csv
import datetime
import http.client
import http.server
import json
import os
import random
import re
import socket
import sqlite3
import subprocess
import threading
import time

ACCOUNTS = [f'acct-{number:02d}' for number in range(16)]
# Two cameras share each last digit, so a key of that digit alone mixes two homes.
CAMERAS = {account: f'{5000 + 10 * (number // 8) + number % 8}' for number, account in enumerate(ACCOUNTS)}
OWNERS = {camera: account for account, camera in CAMERAS.items()}
# Every fourth account may view the next account's camera, which has another last digit.
GRANTS = {ACCOUNTS[number + 1]: ACCOUNTS[number] for number in range(0, 15, 4)}
# A camera has a new frame after this many seconds.
FRAME_SECONDS = 2
STAMP_BYTES = 64
STAMPS = 48


def iso(seconds):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime('%Y-%m-%dT%H:%M:%S.%fZ')


class Origin(http.server.ThreadingHTTPServer):
    daemon_threads = True
    # The backlog must suffice for a slow machine.
    request_queue_size = 128

    def __init__(self, log, headers):
        self.log, self.lock, self.started, self.headers = open(log, 'w'), threading.Lock(), time.time(), headers
        self.chance = random.Random(35)
        # Whether every third answer is an error.
        self.failing = False
        super().__init__(('127.0.0.1', 0), Camera)

    def handle_error(self, *_):
        pass

    def body(self, camera):
        """A camera's present frame and its bytes."""
        frame = f'{camera}-{int((time.time() - self.started) / FRAME_SECONDS):04d}'
        stamp = f'frame={frame};owner={OWNERS[camera]};camera={camera};'.ljust(STAMP_BYTES - 1, '.') + '\n'
        return frame, (stamp * STAMPS).encode()


class Camera(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        start, camera = time.time(), self.headers.get('X-Camera', '')
        if self.path.endswith('/page'):
            return self.answer(200, dict(self.server.headers, **{'Cache-Control': 'no-cache', 'Content-Type': 'text/html'}),
                               f'<esi:include src="/v1/cameras/{camera}/snapshot"/>'.encode())
        with self.server.lock:
            wait = self.server.chance.choice([0.002, 0.01, 0.02, 0.15])
            fails = self.server.failing and self.server.chance.random() < 0.33
        time.sleep(wait)
        if fails:
            return self.answer(503, {'Cache-Control': 'no-store'}, b'')
        frame, body = self.server.body(camera)
        asked = self.headers.get('If-None-Match', '').strip('"')
        status, sent, fields = 200, body, {}
        part = re.fullmatch(r'bytes=(\d+)-(\d*)', self.headers.get('Range', ''))
        if asked == frame:
            status, sent = 304, b''
        elif part and int(part[1]) < len(body):
            first, last = int(part[1]), min(int(part[2] or len(body) - 1), len(body) - 1)
            status, sent, fields = 206, body[first:last + 1], {'Content-Range': f'bytes {first}-{last}/{len(body)}'}
        self.answer(status, dict(self.server.headers, **fields, ETag=f'"{frame}"'), sent)
        line = dict(ts=iso(time.time()), key=self.headers.get('X-Cache-Key', self.path.split('?')[0]),
                    path=f'/v1/cameras/{camera}/snapshot', acct=self.headers.get('X-Account', '-'), status=status,
                    frame=frame, owner=OWNERS[camera], inm=asked or '-', bytes=len(sent),
                    dur_us=int((time.time() - start) * 1e6))
        with self.server.lock:
            self.server.log.write(json.dumps(line) + '\n')
            self.server.log.flush()

    def answer(self, status, fields, body):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Answer:
    """The client's view of one request: the outcome, and the owners in its body."""

    def __init__(self, account, outcome, owners):
        self.account, self.outcome, self.owners = account, outcome, owners

    @property
    def strayed(self):
        rights = {self.account, GRANTS.get(self.account)}
        return self.owners - rights


class Clients:
    """Eight concurrent clients for some seconds, each with its own requests, determined by the seed."""

    def __init__(self, situation, seconds):
        self.situation, self.seconds = situation, seconds
        self.truth, self.lock, self.count = {}, threading.Lock(), 0

    def run(self):
        threads = [threading.Thread(target=self.client, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.truth

    def client(self, number):
        chance = random.Random(f'{type(self.situation).__name__}-{number}')
        until, tags = time.time() + self.seconds, {}
        while time.time() < until:
            account = chance.choice(ACCOUNTS)
            camera = CAMERAS[GRANTS[account]] if account in GRANTS and chance.random() < 0.3 else CAMERAS[account]
            kind = chance.choice(['nest-hub', 'nest-hub', 'mi-home'])
            with self.lock:
                self.count += 1
                number = self.count
            fields = {'X-Account': account, 'X-Client': kind, 'X-Camera': camera, 'X-Request-Id': f'{0x5f00000000000000 + number:016x}',
                      'Accept': chance.choice(['image/jpeg', 'image/*']), **self.situation.fields(chance)}
            mine = (account, kind, camera)
            if mine in tags and chance.random() < 0.2:
                fields['If-None-Match'] = tags[mine]
            elif self.situation.has_parts and chance.random() < 0.05:
                fields['Range'] = 'bytes=0-255'
            patience = 0.05 if chance.random() < 0.03 else 10
            self.ask(self.situation.port_for(number), fields, camera, patience, tags, mine)
            time.sleep(chance.uniform(0, 0.12))

    def ask(self, port, fields, camera, patience, tags, mine):
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=patience)
        outcome, owners = 'error', set()
        try:
            connection.request('GET', self.situation.path(camera), headers=fields)
            answer = connection.getresponse()
            body = answer.read().decode(errors='replace')
            outcome = {200: 'whole', 206: 'part', 304: 'unchanged'}.get(answer.status, 'error')
            if outcome in ('whole', 'part'):
                owners = set(re.findall(r'owner=(acct-\d\d);', body))
                tags.pop(mine, None)
                if answer.getheader('ETag'):
                    tags[mine] = answer.getheader('ETag')
        except socket.timeout:
            outcome = 'left'
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        self.truth[fields['X-Request-Id']] = Answer(fields['X-Account'], outcome, owners)


def tables(folder):
    with open(f'{folder}/cameras.csv', 'w', newline='') as file:
        csv.writer(file).writerows([['camera', 'owner', 'from', 'until', 'model'],
                                    *([camera, owner, '', '', 'lab'] for camera, owner in OWNERS.items())])
    with open(f'{folder}/grants.csv', 'w', newline='') as file:
        csv.writer(file).writerows([['owner', 'camera', 'grantee', 'from', 'until'],
                                    *([owner, CAMERAS[owner], grantee, '', ''] for grantee, owner in GRANTS.items())])


class Count:
    """The tool's verdict on each delivery, beside the client's view."""

    def __init__(self, truth, case, folder):
        self.truth = truth
        found, db = {}, sqlite3.connect(f'file:{case}?mode=ro', uri=True)
        lines = {}

        def note(path, line, certainty, owner):
            if path not in lines:
                with open(f'{folder}/{path}', errors='replace') as log:
                    lines[path] = log.read().split('\n')
            # The line number of a varnishlog record is that of its transaction's first line.
            text = '\n'.join(lines[path][line - 1:line + 60]) if 'varnishlog' in path else lines[path][line - 1]
            number = re.search(r'\b(5f0{6}[0-9a-f]{8})\b', text)
            if number and number[1] in truth:
                found.setdefault(number[1], []).append((certainty, owner, f'{path}:{line}'))

        for row in db.execute('SELECT path, line, certainty, owner FROM exposures'):
            note(*row)
        for path, line in db.execute('SELECT path, line FROM unresolved_deliveries'):
            note(path, line, 'unresolved', None)
        logged = set()
        for place, _, names in os.walk(f'{folder}/dump'):
            for name in names:
                if not place.endswith(('origin', 'directory')):
                    with open(os.path.join(place, name), errors='replace') as log:
                        logged.update(re.findall(r'\b5f0{6}[0-9a-f]{8}\b', log.read()))
        # A delivery without a line cannot be counted: Traffic Server loses its last lines when it is stopped.
        strayed = {number for number, answer in truth.items() if answer.strayed}
        self.strayed, self.unlogged = strayed & logged, len(strayed - logged)
        self.by_certainty = {certainty: 0 for certainty in ('certain', 'possible', 'unresolved')}
        self.false, self.missed, self.unseen = [], [], 0
        for number in self.strayed:
            marks = [mark[0] for mark in found.get(number, [])]
            for certainty in self.by_certainty:
                if certainty in marks:
                    self.by_certainty[certainty] += 1
                    break
            else:
                self.missed.append(number)
        for number, marks in found.items():
            answer = truth[number]
            for certainty, owner, place in marks:
                if certainty != 'certain':
                    continue
                if answer.outcome in ('left', 'error', 'unchanged'):
                    # The server logged a whole answer, but the client did not wait for it.
                    self.unseen += 1
                elif not answer.strayed or owner and owner not in answer.owners:
                    self.false.append(f'{number} at {place}: {owner}, and the client read {sorted(answer.owners)}')
        self.open = sum(any(mark[0] != 'certain' for mark in marks) for number, marks in found.items()
                        if number not in self.strayed)


def analyze(tool, folder, options):
    """Makes the case of a dump; ends the lab if the tool refuses it."""
    subprocess.run([tool, 'analyze', 'dump', '--case', 'case.sqlite', '--reports', 'reports', '--quiet',
                    *options], check=True, cwd=folder)
    with open(f'{folder}/reports/summary.json') as file:
        return json.load(file)
