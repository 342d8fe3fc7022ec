#!/usr/bin/env python3
"""Runs one scenario with a planted cache fault through real caches on loopback, and lets strayframe find the exposures.

The client records the owner of the frame in each body. That is the truth; it depends on no header and no log. Everything stays
on 127.0.0.1, is bounded in count and time, and stops by itself.

    python3 Tests/Lab/lab.py --tool .build/release/strayframe [nginx varnish squid trafficserver haproxy]
    python3 Tests/Lab/lab.py --tool .build/release/strayframe NginxTiers SquidSiblings

The second form runs situations (situations.py), which are compared delivery by delivery: a strayed answer must be certain,
possible or unresolved, and no other answer may be certain. `--root FOLDER` takes their servers from unpacked packages
instead of the machine's own, in a chroot.
"""
import argparse
import collections
import concurrent.futures
import csv
import datetime
import http.client
import http.server
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import traffic as situation_traffic
from servers import SERVERS
import situations
import trafficserver_situations
import varnish_situations

# By name: the situations with their own description.
SITUATIONS = {
    name: kind for module in (situations, varnish_situations, trafficserver_situations) for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, situations.Situation) and kind.__module__ == module.__name__ and kind.__doc__}

ACCOUNTS = [f'acct-{number:02d}' for number in range(16)]
# Two cameras share each last digit, so a key of that digit alone mixes two homes.
CAMERAS = {account: f'{5000 + 10 * (number // 8) + number % 8}' for number, account in enumerate(ACCOUNTS)}
OWNERS = {camera: account for account, camera in CAMERAS.items()}


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.%fZ')


class Origin(http.server.ThreadingHTTPServer):
    """The camera cloud: every fetch is a new frame, logged with its owner."""
    daemon_threads = True

    def handle_error(self, *_):
        # A cache may close a kept-alive connection.
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
    """One request; the body states the truth."""
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
    """Four concurrent clients, each with its own requests, determined by the seed."""
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
    """Waits until the cache answers."""
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
    """The number of frames that each account received from each other account."""
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
        # Frames fetched during the wait must have left the cache.
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


def run_situation(name, tool, seconds, folder, port, root):
    """One situation; `folder` is the path inside the server's root."""
    place = root + folder
    os.makedirs(f'{place}/server')
    os.makedirs(f'{place}/dump/directory')
    origin = situation_traffic.Origin(f'{place}/origin.log', SITUATIONS[name].headers)
    threading.Thread(target=origin.serve_forever, daemon=True).start()
    situation = SITUATIONS[name](f'{folder}/server', port, origin.server_address[1], root)
    situation.origin_server = origin
    try:
        situation.start()
        until = time.time() + 40
        while True:
            try:
                socket.create_connection(('127.0.0.1', port), 1).close()
                break
            except OSError:
                if time.time() > until:
                    raise
                time.sleep(0.3)
        time.sleep(1)

        def disturb():
            for number in range(situation.disturbances):
                time.sleep(seconds / (situation.disturbances + 1))
                situation.disturb(number)

        disturber = threading.Thread(target=disturb, daemon=True)
        disturber.start()
        truth = situation_traffic.Clients(situation, seconds).run()
        disturber.join()
        time.sleep(situation.settle)
    finally:
        situation.stop()
        origin.shutdown()
    origin.log.close()
    for log, source in situation.logs.items():
        os.makedirs(os.path.dirname(f'{place}/dump/{log}'), exist_ok=True)
        shutil.copy(source, f'{place}/dump/{log}')
    os.makedirs(f'{place}/dump/origin')
    shutil.move(f'{place}/origin.log', f'{place}/dump/origin/origin.ndjson')
    situation_traffic.tables(f'{place}/dump/directory')
    with open(f'{place}/truth.json', 'w') as file:
        json.dump({number: [one.account, one.outcome, sorted(one.owners)] for number, one in truth.items()}, file)
    summary = situation_traffic.analyze(tool, place, situation.options)
    count = situation_traffic.Count(truth, f'{place}/case.sqlite', place)
    problems = [f'{len(count.missed)} missed: {count.missed[:3]}'] if count.missed else []
    problems += [f'{len(count.false)} false: {count.false[:2]}'] if count.false else []
    problems += [f'{key} {summary[key]}' for key in ('rejected_lines', 'unrecognized_files') if summary[key]]
    if not count.strayed:
        problems.append('nothing strayed: the fault did not take')
    found = ', '.join(f'{number} {certainty}' for certainty, number in count.by_certainty.items())
    outcomes = collections.Counter(answer.outcome for answer in truth.values())
    print(f'{name}: {len(truth)} requests ({", ".join(f"{n} {o}" for o, n in sorted(outcomes.items()))}), '
          f'{len(count.strayed)} strayed by the client\'s word: {found}; {count.open} others possible or unresolved, '
          f'{count.unlogged} in no log, {count.unseen} certain that the client did not wait for: ' + ('; '.join(problems) or 'within bounds')
          + (f' (beyond what the logs tell: {situation.beyond})' if situation.beyond else ''), flush=True)
    return not problems or situation.beyond is not None


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('names', nargs='*', default=[*SERVERS, *SITUATIONS])
    arguments.add_argument('--tool', required=True)
    arguments.add_argument('--requests', type=int, default=600, help='of each server')
    arguments.add_argument('--seconds', type=float, default=25, help='of each situation')
    arguments.add_argument('--at-once', type=int, default=1, help='how many run at once')
    arguments.add_argument('--root', default='', help='a folder of unpacked packages whose servers run the situations')
    arguments.add_argument('--keep', help='a folder for the dumps, else none is kept; with --root seen from inside')
    chosen = arguments.parse_args()
    for name in chosen.names:
        if name not in SERVERS and name not in SITUATIONS:
            arguments.error(f"no server or situation '{name}': {', '.join([*SERVERS, *SITUATIONS])}")
    tool = os.path.abspath(chosen.tool)

    def start(number, name):
        (kind, root) = (SERVERS[name], '') if name in SERVERS else (SITUATIONS[name], chosen.root)
        if not kind.is_installed(root):
            print(f'{name}: skipped, {kind.program} is not installed', flush=True)
            return True
        folder = os.path.join(chosen.keep, name) if chosen.keep else tempfile.mkdtemp(
            prefix=f'strayframe-lab-{name}-', dir=f'{root}/tmp' if root else None).removeprefix(root)
        # A server that starts as root runs as another user.
        os.makedirs(root + folder, exist_ok=True)
        os.chmod(root + folder, 0o755)
        try:
            if name in SERVERS:
                return run(name, tool, chosen.requests, folder, 18480 + 10 * number)
            return run_situation(name, tool, chosen.seconds, folder, 18480 + 10 * number, root)
        except Exception as problem:
            # If one server does not start, the others still run.
            print(f'{name}: FAILED, {type(problem).__name__}: {problem}', flush=True)
            return False
        finally:
            if not chosen.keep:
                shutil.rmtree(root + folder, ignore_errors=True)

    with concurrent.futures.ThreadPoolExecutor(chosen.at_once) as pool:
        sound = list(pool.map(start, *zip(*enumerate(chosen.names))))
    sys.exit(0 if all(sound) else 1)


main()
