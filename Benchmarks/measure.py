"""Shared by the benchmarks: prepares the tool and its data, measures a process, describes the machine."""
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / ".build" / "bench"
STRAYFRAME = ROOT / ".build" / "release" / "strayframe"
SIMULATE = ROOT / ".build" / "release" / "simulate"
MIB = 1 << 20


def make_data(name, deliveries, fills, accounts, seed):
    """The folder of a dump with its truth, generated unless an earlier run left it."""
    folder = OUT / "data" / name
    if not (folder / "truth" / "truth.json").exists():  # written last
        shutil.rmtree(folder, ignore_errors=True)
        print(f"making {deliveries + fills:,} lines in {folder.relative_to(ROOT)}", flush=True)
        subprocess.run(
            [SIMULATE, "traffic", "--out", folder, "--deliveries", str(deliveries), "--fills", str(fills),
             "--accounts", str(accounts), "--seed", str(seed)],
            check=True, stdout=subprocess.DEVNULL)
    return folder


def truth(data):
    return json.loads((data / "truth" / "truth.json").read_text())


def expected_counts(data):
    """The counts that every contender must find."""
    known = truth(data)
    return {"exposures": known["exposures_certain"], "exposed_accounts": known["exposed_accounts_certain"],
            "receiving_accounts": known["receiving_accounts_certain"]}


def strayframe_command(data, folder, reports=True):
    """The tool's job, to the counts in the case or to every report."""
    rest = ["--reports", folder.parent / "reports"] if reports else ["--counts-only"]
    return [STRAYFRAME, "analyze", data / "dump", "--case", folder / "case.sqlite", *rest, "--quiet"]


def strayframe_counts(folder):
    """The tool's counts. The job has no possible or unresolved cases, so any of them makes the counts differ."""
    if not (folder.parent / "reports").exists():
        subprocess.run([STRAYFRAME, "report", "--case", folder / "case.sqlite", "--reports", folder.parent / "reports"],
                       check=True, stdout=subprocess.DEVNULL)
    summary = json.loads((folder.parent / "reports" / "summary.json").read_text())
    if any(summary[key] for key in ("exposures_possible", "deliveries_unresolved", "rejected_lines")):
        return summary
    return {"exposures": summary["exposures_certain"], "exposed_accounts": summary["exposed_accounts_certain"],
            "receiving_accounts": summary["receiving_accounts_certain"]}


def empty_folder(name):
    """A fresh folder for a contender's database."""
    shutil.rmtree(OUT / "work" / name, ignore_errors=True)
    folder = OUT / "work" / name / "database"
    folder.mkdir(parents=True)
    return folder


def warm(data):
    """Reads the logs once, so that every run finds them in the page cache."""
    for path in (data / "dump").rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                while file.read(MIB):
                    pass


def run(command, database):
    """Runs a command as a process of its own.

    Returns its output and its costs: wall clock and CPU seconds, peak resident memory, bytes left in `database`.
    """
    os.sync()  # What the run before left to write is not this one's.
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"failed with {process.returncode}: {' '.join(map(str, command))}")
    return output, {
        "wall_s": round(wall, 3), "user_s": round(usage.ru_utime, 3), "sys_s": round(usage.ru_stime, 3),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
        # Linux counts kibibytes, macOS bytes (getrusage(2)).
        "peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        "disk_bytes": sum(path.stat().st_size for path in database.rglob("*") if path.is_file())}


def output_of(*command):
    """A command's first line, or nothing if it cannot be run."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip().partition("\n")[0] or None


def machine():
    """The environment of the figures."""
    if sys.platform == "darwin":
        processor, system = output_of("sysctl", "-n", "machdep.cpu.brand_string"), "macOS " + platform.mac_ver()[0]
    else:
        cpuinfo = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next((line.partition(":")[2].strip() for line in cpuinfo if line.startswith("model name")), None)
        system = platform.freedesktop_os_release()["PRETTY_NAME"] + ", Linux " + platform.release()
    commit = output_of("git", "rev-parse", "--short", "HEAD") or "unknown"
    changes = output_of("git", "status", "--porcelain", "--untracked-files=no")
    return {
        "processor": processor or platform.machine(), "cores": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), "system": system,
        "compiler": output_of("swift", "--version"), "python": platform.python_version(),
        "commit": f"{commit} with changes" if changes else commit}


def machine_text(facts):
    return (f"{facts['processor']}, {facts['cores']} cores, {facts['memory_bytes'] / (1 << 30):.0f} GiB, "
            f"{facts['system']}\n{facts['compiler']}, Python {facts['python']}, commit {facts['commit']}")


def table(header, rows):
    """Text columns: the first to the left, numbers to the right."""
    cells = [header] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[index]) for row in cells) for index in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) if index == 0 else cell.rjust(width)
                  for index, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in cells)


def store(name, result, text):
    """Keeps a result as JSON and text, and prints the text."""
    (OUT / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n")
    (OUT / f"{name}.txt").write_text(text + "\n")
    print(text)
    print(f"\nstored in {(OUT / name).relative_to(ROOT)}.json and .txt")
