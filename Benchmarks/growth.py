#!/usr/bin/env python3
"""Doubles one dimension of a dump at a time (lines, names, nodes, rollouts, owners of one camera, files, fills of one key,
accounts, nodes that one account meets) and compares the CPU time of each step of the tool, the minimum of some runs. A step that
grows faster than linearly fails, and so does a correlation of very many node names that takes too much memory."""
import argparse
import datetime
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

EPOCH = datetime.datetime(2019, 12, 26)
# n log n gives 2.2 at these sizes; other load adds to it.
MOST_RATIO = 2.6
# Below this many seconds, the start of the program dominates.
LEAST = 0.1
MOST_MEMORY = 300 << 20
NODE_NAMES = 30_000


def stamp(seconds):
    return (EPOCH + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Dump:
    """A dump of hits on keys that were filled before, one in ten of them with another account's camera."""

    def __init__(self, lines=20_000, names=2_000, nodes=4, rollouts=2, owners=1, files=1, fills=1, accounts=1_000):
        self.__dict__.update({key: value for key, value in locals().items() if key != "self"})

    def write(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        end = self.lines * 0.01 + self.fills * 0.01
        self.write_tables(folder, end)
        logs = [open(folder / f"relay-{number}.ndjson", "w") for number in range(self.files)]
        for line in range(self.lines):
            # One delivery in a hundred asks for the key that has the many fills, and the camera that has the many owners.
            isFirst = line % 100 == 0
            account = 0 if isFirst else line % self.accounts
            key = 0 if isFirst else line % self.names
            logs[line % self.files].write(
                f'{{"ts":"{stamp(60 + self.fills * 0.01 + line * 0.01)}","node":"n-{line % self.nodes}","requester":"a-{account}",'
                f'"camera":"c-{account}","key":"k/{key}","cache":"HIT","status":200,"bytes":9000,"client":"app"}}\n')
        for log in logs:
            log.close()
        with open(folder / "cache.ndjson", "w") as log:
            for key in range(self.names):
                account = (key + (key % 10 == 0)) % self.accounts
                for node in range(self.nodes) if self.nodes <= 8 else [key % self.nodes]:
                    self.fill(log, key * 1e-4, node, key, f"f-{key}-{node}", account)
            for number in range(self.fills):
                self.fill(log, 1 + number * 0.01, number % self.nodes, 0, f"g-{number}", number % self.accounts)

    @staticmethod
    def fill(log, seconds, node, key, frame, account):
        log.write(
            f'{{"ts":"{stamp(seconds)}","node":"n-{node}","op":"FILL","key":"k/{key}","frame":"{frame}","camera":"c-{account}"}}\n')

    def write_tables(self, folder, end):
        with open(folder / "cameras.csv", "w") as table:
            table.write("camera,owner,from,until,model\n")
            for account in range(self.accounts):
                table.write(f"c-{account},a-{account},,,m\n")
            for owner in range(1, self.owners):
                table.write(f"c-0,o-{owner},,,m\n")
        (folder / "grants.csv").write_text("owner,camera,grantee,from,until\n")
        with open(folder / "rollouts.csv", "w") as table:
            table.write("rollout,node,from,note\n")
            for rollout in range(self.rollouts):
                table.write(f"r-{rollout},,{stamp(end * rollout / self.rollouts)},\n")


# By dimension: two sizes, the second twice the first, and other parameters that differ from the default.
DIMENSIONS = {
    "lines": (200_000, {}),
    "names": (60_000, {"lines": 60_000}),
    "nodes": (10_000, {"lines": 40_000, "names": 20_000}),
    "rollouts": (8_000, {}),
    "owners": (2_000, {"lines": 10_000}),
    "files": (2_000, {"lines": 20_000}),
    "fills": (20_000, {"lines": 10_000}),
    "accounts": (40_000, {"lines": 80_000}),
    "reach": (20_000, {"accounts": 1}),
}


def dump(dimension, usual, count):
    """The dump of a dimension at a size. The nodes of one account grow with the lines that reach them."""
    grown = {"nodes": count, "names": count, "lines": 2 * count} if dimension == "reach" else {dimension: count}
    return Dump(**{**usual, **grown})


def measure(command):
    """CPU seconds and peak memory in bytes; if the command fails, its message ends the run."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            sys.exit(f"{' '.join(command)}: {errors.read().decode(errors='replace')}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def steps(tool, folder, rounds):
    """By step: the minimum CPU time of all rounds, and the peak memory."""
    best = {}
    for _ in range(rounds):
        case, reports = folder / "case.sqlite", folder / "reports"
        case.unlink(missing_ok=True)
        for step, command in {
            "ingest": ["ingest", str(folder / "dump")], "correlate": ["correlate"], "report": ["report", "--reports", str(reports)],
        }.items():
            cpu, memory = measure([tool, command[0], *command[1:], "--case", str(case), "--quiet"])
            known = best.get(step, (cpu, memory))
            best[step] = (min(cpu, known[0]), max(memory, known[1]))
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("dimension", nargs="*", help=", ".join(DIMENSIONS))
    options = parser.parse_args()
    failures = []
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        for name in options.dimension or DIMENSIONS:
            size, usual = DIMENSIONS[name]
            costs = []
            for count in (size, 2 * size):
                dump(name, usual, count).write(folder / "dump")
                costs.append(steps(options.tool, folder, options.rounds))
            for step in costs[0]:
                once, twice = costs[0][step][0], costs[1][step][0]
                ratio = twice / max(once, LEAST)
                holds = ratio <= MOST_RATIO
                print(f"{name:10} {size:>7} to {2 * size:>7}  {step:10} {once:7.2f} s  {twice:7.2f} s  {ratio:5.2f}"
                      + ("" if holds else f"  more than {MOST_RATIO}"), flush=True)
                if not holds:
                    failures.append(f"{name}, {step}")
        if not options.dimension:
            Dump(nodes=NODE_NAMES, lines=2 * NODE_NAMES, names=NODE_NAMES).write(folder / "dump")
            memory = steps(options.tool, folder, 1)["correlate"][1]
            print(f"{NODE_NAMES} node names: correlate takes {memory >> 20} MiB", flush=True)
            if memory > MOST_MEMORY:
                failures.append(f"memory of {NODE_NAMES} node names")
    if failures:
        sys.exit("more than in proportion: " + "; ".join(failures))


if __name__ == "__main__":
    main()
