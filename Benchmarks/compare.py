"""`make bench`: the tool and its peers take turns on one job with the same data.

The job: count exposures, exposed and receiving accounts from compressed NDJSON on disk, and leave a database on disk. Fails if
any two contenders count differently.
"""
import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

import measure
from measure import MIB, OUT


class Strayframe:
    """The job of the peers, or the tool's usual job: every report including the page."""

    def __init__(self, reports):
        self.reports = reports
        self.name = "strayframe-reports" if reports else "strayframe"
        version = measure.output_of(measure.STRAYFRAME, "--version").split(" ")[0]
        self.version = f"strayframe {version}" + (", with every report" if reports else "")

    def run(self, data, database):
        _, costs = measure.run(measure.strayframe_command(data, database, self.reports), database)
        return measure.strayframe_counts(database), costs


class Peer:
    """A script of `peers/`, run by the Python of `make bench-peers` if it exists."""

    def __init__(self, script):
        self.script, self.name = script, script.stem.removeprefix("with_")
        installed = OUT / "peers" / "bin" / "python"
        self.python = installed if installed.exists() else sys.executable
        self.version = measure.output_of(self.python, script, "--version")

    def run(self, data, database):
        output, costs = measure.run([self.python, self.script, data / "dump", database], database)
        return json.loads(output.splitlines()[-1]), costs


def contenders():
    """The contenders that can run, and the names of the peers that cannot."""
    peers = [Peer(script) for script in sorted((measure.ROOT / "Benchmarks" / "peers").glob("with_*.py"))]
    return [Strayframe(reports=False), Strayframe(reports=True)] + [peer for peer in peers if peer.version], [peer.name for peer in peers if not peer.version]


def medians(runs):
    return {figure: median(run[figure] for run in runs) for figure in runs[0]}


def ratios(runs, ours):
    """The median of the ratios per round: a machine that slows down slows both contenders."""
    return {figure: round(median(run[figure] / own[figure] for run, own in zip(runs, ours)), 2)
            for figure in ("wall_s", "cpu_s", "peak_bytes", "disk_bytes")}


def report(result, truth):
    lines = [f"{truth['lines']:,} lines ({truth['deliveries']:,} deliveries, {truth['fills']:,} fills), "
             f"{truth['log_bytes'] / MIB:,.0f} MiB before compression, {result['packed_bytes'] / MIB:,.0f} MiB after",
             ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in result["counts"].items()),
             measure.machine_text(result["machine"]), ""]
    rows = []
    for contender in result["contenders"]:
        cost, walls = contender["median"], [run["wall_s"] for run in contender["runs"]]
        rows.append([contender["version"], f"{cost['wall_s']:.2f}", f"{min(walls):.2f}–{max(walls):.2f}",
                     f"{cost['cpu_s']:.2f}", f"{cost['peak_bytes'] / MIB:,.0f}", f"{cost['disk_bytes'] / MIB:,.0f}",
                     f"{truth['log_bytes'] / 1e6 / cost['wall_s']:,.0f}", f"{truth['lines'] / cost['wall_s']:,.0f}"])
    lines += [f"median of {result['rounds']}, in turn",
              measure.table(["", "wall s", "min–max", "CPU s", "peak MiB", "disk MiB", "MB/s", "lines/s"], rows)]
    if len(result["contenders"]) > 1:
        rows = [[c["version"]] + [f"{c['ratio'][figure]:.2f}" for figure in
                                  ("wall_s", "cpu_s", "peak_bytes", "disk_bytes")] for c in result["contenders"][1:]]
        lines += ["", "a peer's cost for 1 of strayframe's: above 1 strayframe needs less",
                  measure.table(["", "wall", "CPU", "peak", "disk"], rows)]
    lines += ["", *(f"{name}: not installed, not compared (make bench-peers)" for name in result["not_installed"])]
    return "\n".join(lines).rstrip()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--deliveries", type=int, default=5_000_000)
    arguments.add_argument("--fills", type=int, default=1_000_000)
    arguments.add_argument("--accounts", type=int, default=200_000)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    if options.rounds < 1:
        arguments.error("--rounds needs at least 1")

    name = f"d{options.deliveries}-f{options.fills}-a{options.accounts}-s{options.seed}"
    data = measure.make_data(name, options.deliveries, options.fills, options.accounts, options.seed)
    truth, expected = measure.truth(data), measure.expected_counts(data)
    packed = sum(path.stat().st_size for path in (data / "dump").rglob("*.zst"))
    running, missing = contenders()
    measure.warm(data)

    runs = {contender.name: [] for contender in running}
    for number in range(1, options.rounds + 1):
        for contender in running:
            counts, costs = contender.run(data, measure.empty_folder(contender.name))
            print(f"round {number}: {contender.name} {costs['wall_s']:.2f} s", flush=True)
            if counts != expected:
                sys.exit(f"{contender.version} counts differently:\n{counts}\nexpected {expected}")
            runs[contender.name].append(costs)
            shutil.rmtree(OUT / "work" / contender.name)

    ours = runs["strayframe"]
    result = {
        "machine": measure.machine(), "data": truth, "packed_bytes": packed, "counts": expected,
        "rounds": options.rounds, "not_installed": missing,
        "contenders": [{"name": c.name, "version": c.version, "median": medians(runs[c.name]),
                        "ratio": ratios(runs[c.name], ours), "runs": runs[c.name]} for c in running]}
    print()
    measure.store("compare", result, report(result, truth))


if __name__ == "__main__":
    main()
