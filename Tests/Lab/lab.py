#!/usr/bin/env python3
"""Runs one scenario with a planted cache fault through real caches on loopback, and has strayframe find the exposures.

The client writes down, for each answer, whose frame its body was: that is the truth, and no header or log has a part in it.
Everything stays on 127.0.0.1, is bounded in count and time, and stops by itself.

    python3 Tests/Lab/lab.py --tool .build/release/strayframe [nginx varnish squid trafficserver haproxy]
"""
import argparse
import csv
import datetime
import http.client
import http.server
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from servers import SERVERS

ACCOUNTS = [f'acct-{number:02d}' for number in range(16)]
# Two cameras share each last digit, so that a key of that digit alone mixes two homes.
CAMERAS = {account: f'{5000 + 10 * (number // 8) + number % 8}' for number, account in enumerate(ACCOUNTS)}
OWNERS = {camera: account for account, camera in CAMERAS.items()}


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.%fZ')


class Origin(http.server.ThreadingHTTPServer):
    """The camera cloud: every fetch is a new frame, logged with its owner."""
    daemon_threads = True

    def handle_error(self, *_):
        # A cache may drop a connection that it kept open.
        pass

    def __init__(self, log):
        self.log, self.lock, self.frames = open(log, 'w'), threading.Lock(), 0
        super().__init__(('127.0.0.1', 0), Camera)


class Camera(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        camera = self.headers.get('X-Camera-Path', self.path).split('/')[3]
        with self.server.lock:
            self.server.frames += 1
            frame = f'frame-{self.server.frames:05d}'
        body = json.dumps(dict(frame=frame, owner=OWNERS[camera], camera=camera)).encode()
        self.send_response(200)
        for name, value in dict(ETag=f'"{frame}"', **{'Content-Length': len(body), 'Cache-Control': 'max-age=1'}).items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)
        with self.server.lock:
            line = dict(ts=now(), op='FILL', key=self.headers.get('X-Cache-Key'), frame=frame, camera=camera,
                        owner=OWNERS[camera])
            self.server.log.write(json.dumps(line) + '\n')
            self.server.log.flush()

    def log_message(self, *_):
        pass


def ask(port, account, client, truth, lock):
    """One request; the truth is what the body says."""
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
    camera = CAMERAS[account]
    connection.request('GET', f'/v1/cameras/{camera}/snapshot', headers={'X-Account': account, 'X-Client': client})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status != 200:
        raise OSError(f'status {answer.status}')
    body = json.loads(content)
    with lock:
        truth.append(dict(account=account, client=client, owner=body['owner'], frame=body['frame']))


def traffic(port, count, seed):
    """Four clients at a time, each with requests of its own, the same for the same seed."""
    truth, lock, failures = [], threading.Lock(), []

    def client(number):
        chance = random.Random(f'{seed}-{number}')
        try:
            for _ in range(count // 4):
                ask(port, chance.choice(ACCOUNTS), chance.choice(['nest-hub', 'nest-hub', 'mi-home']), truth, lock)
                time.sleep(chance.uniform(0, 0.02))
        except Exception as problem:  # The thread's problem is the run's.
            failures.append(problem)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return truth


def wait(port, seconds):
    """Until the cache answers."""
    until = time.time() + seconds
    while True:
        try:
            return ask(port, ACCOUNTS[0], 'mi-home', [], threading.Lock())
        except (OSError, http.client.HTTPException):
            if time.time() > until:
                raise
            time.sleep(0.3)


def tables(folder):
    os.makedirs(folder)
    with open(os.path.join(folder, 'cameras.csv'), 'w') as file:
        file.write('camera,owner,from,until,model\n')
        file.writelines(f'{camera},{owner},,,lab\n' for camera, owner in OWNERS.items())


def pairs(rows):
    """How often each account received each other account's frame."""
    counts = {}
    for receiver, owner, frame in rows:
        counts[receiver, owner, frame] = counts.get((receiver, owner, frame), 0) + 1
    return counts


def run(name, tool, count, folder, port):
    os.makedirs(os.path.join(folder, 'server'))
    os.makedirs(os.path.join(folder, 'dump'))
    origin = Origin(os.path.join(folder, 'dump', 'origin.ndjson'))
    threading.Thread(target=origin.serve_forever, daemon=True).start()
    server = SERVERS[name](os.path.join(folder, 'server'), port, origin.server_address[1])
    try:
        server.start()
        wait(port, 20)
        # What the wait fetched must have left the cache.
        time.sleep(1.5)
        truth = traffic(port, count, name)
        # Traffic Server keeps its last lines in a buffer until a later request comes.
        for _ in range(3):
            time.sleep(1.5)
            wait(port, 5)
        time.sleep(2)
    finally:
        server.stop()
        origin.shutdown()
    shutil.copy(server.log, os.path.join(folder, 'dump', 'relay.log'))
    tables(os.path.join(folder, 'dump', 'directory'))
    reports = os.path.join(folder, 'reports')
    subprocess.run([tool, 'analyze', os.path.join(folder, 'dump'), '--case', os.path.join(folder, 'case.sqlite'),
                    '--reports', reports, '--quiet', *server.options], check=True)
    with open(os.path.join(reports, 'exposures.csv'), newline='') as file:
        found = [row for row in csv.DictReader(file) if row['certainty'] == 'certain']
    with open(os.path.join(reports, 'summary.json')) as file:
        summary = json.load(file)
    strayed = pairs((row['account'], row['owner'], row['frame']) for row in truth if row['owner'] != row['account'])
    reported = pairs((row['requester'], row['owner'], row['frame']) for row in found)
    problems = []
    missed = sum(strayed.values()) - sum(min(n, reported.get(k, 0)) for k, n in strayed.items())
    false = sum(reported.values()) - sum(min(n, strayed.get(k, 0)) for k, n in reported.items())
    possible = summary['exposures_possible']
    if false or missed > (0 if server.is_exact else possible):
        problems.append(f'missed {missed}, false {false}')
    if possible and server.is_exact:
        problems.append(f'possible {possible}')
    for key in ('deliveries_unresolved', 'rejected_lines', 'unrecognized_files'):
        if summary[key]:
            problems.append(f'{key} {summary[key]}')
    if not strayed:
        problems.append('nothing strayed: the fault did not take')
    print(f'{name}: {len(truth)} answers, {sum(strayed.values())} strayed by the client\'s word, '
          f'{sum(reported.values())} certain and {possible} possible by the log: '
          + ('; '.join(problems) or ('equal' if reported == strayed else 'within bounds')), flush=True)
    return not problems


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('servers', nargs='*', default=list(SERVERS))
    arguments.add_argument('--tool', required=True)
    arguments.add_argument('--requests', type=int, default=600)
    arguments.add_argument('--keep', help='a folder for the dumps, else none is kept')
    chosen = arguments.parse_args()
    for name in chosen.servers:
        if name not in SERVERS:
            arguments.error(f"no server '{name}': {', '.join(SERVERS)}")
    tool = os.path.abspath(chosen.tool)
    sound = True
    for number, name in enumerate(chosen.servers):
        if not SERVERS[name].is_installed():
            print(f'{name}: skipped, {SERVERS[name].program} is not installed')
            continue
        folder = os.path.join(chosen.keep, name) if chosen.keep else tempfile.mkdtemp(prefix=f'strayframe-lab-{name}-')
        # A server that was started as root works as another user.
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o755)
        try:
            sound = run(name, tool, chosen.requests, folder, 18480 + 10 * number) and sound
        finally:
            if not chosen.keep:
                shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if sound else 1)


main()
