"""`make bench-scale`: the tool alone at growing sizes; is the cost per line constant?

Each size is generated, measured and deleted before the next. A sixth of the lines are fills, and there is one account for every
30 lines, as in `make bench`, so names and keys grow with the lines. Fails if the counts are wrong.
"""
import argparse
import shutil
import sys
from math import log10
from statistics import median

import measure
from measure import MIB, OUT

# Bytes per line on disk, dump and case together, with a wide margin.
BYTES_PER_LINE = 400


def measured(lines, rounds, seed):
    """A size's costs, medians of the rounds."""
    fills = lines // 6
    data = measure.make_data(f"scale-{lines}-s{seed}", lines - fills, fills, max(8, lines // 30), seed)
    expected = measure.expected_counts(data)
    measure.warm(data)
    runs = []
    for _ in range(rounds):
        folder = measure.empty_folder("scale")
        _, costs = measure.run(measure.strayframe_command(data, folder), folder)
        counts = measure.strayframe_counts(folder)
        shutil.rmtree(folder.parent)
        if counts != expected:
            sys.exit(f"{lines:,} lines: counts differ:\n{counts}\nexpected {expected}")
        runs.append(costs)
    shutil.rmtree(data)
    cost = {figure: median(run[figure] for run in runs) for figure in runs[0]}
    return {"lines": lines, **cost, "wall_us_per_line": cost["wall_s"] / lines * 1e6,
            "cpu_us_per_line": cost["cpu_s"] / lines * 1e6, "disk_bytes_per_event": cost["disk_bytes"] / lines,
            "runs": runs}


def report(result):
    rows = [[f"{size['lines']:,}", f"{size['wall_s']:.2f}", f"{size['wall_us_per_line']:.3f}",
             f"{size['cpu_us_per_line']:.3f}", f"{size['peak_bytes'] / MIB:,.0f}",
             f"{size['disk_bytes_per_event']:.1f}"] for size in result["sizes"]]
    return "\n".join([measure.machine_text(result["machine"]), "", f"median of {result['rounds']}", measure.table(
        ["lines", "wall s", "wall µs/line", "CPU µs/line", "peak MiB", "case bytes/event"], rows)])


def plot(sizes):
    """Cost per line by lines, as SVG: lines on a logarithmic axis, microseconds from 0."""
    width, height, left, top, right, bottom = 720, 400, 64, 48, 96, 56
    first, last = log10(sizes[0]["lines"]), log10(sizes[-1]["lines"])
    highest = max(max(size["wall_us_per_line"], size["cpu_us_per_line"]) for size in sizes) * 1.15
    step = next(step for step in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000) if highest / step <= 8)

    def x(lines):
        return left + (width - left - right) * ((log10(lines) - first) / (last - first) if last > first else 0.5)

    def y(cost):
        return height - bottom - (height - top - bottom) * cost / highest

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
             'font-size="12" fill="#333">', f'<rect width="{width}" height="{height}" fill="#fff"/>',
             f'<text x="{left}" y="24" font-size="15">Cost of a line by the number of lines (µs)</text>']
    for tick in range(int(highest / step) + 1):
        parts += [f'<line x1="{left}" y1="{y(tick * step):.1f}" x2="{width - right}" y2="{y(tick * step):.1f}" '
                  'stroke="#ddd"/>',
                  f'<text x="{left - 8}" y="{y(tick * step) + 4:.1f}" text-anchor="end">{tick * step:g}</text>']
    for size in sizes:
        parts.append(f'<text x="{x(size["lines"]):.1f}" y="{height - bottom + 20}" text-anchor="middle">'
                     f'{size["lines"] / 1e6:g} M</text>')
    for figure, label, colour in (("cpu_us_per_line", "CPU", "#c2571a"), ("wall_us_per_line", "wall clock", "#1f5fa8")):
        points = [(x(size["lines"]), y(size[figure])) for size in sizes]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3.5" fill="{colour}"/>' for px, py in points]
        parts.append(f'<text x="{points[-1][0] + 10:.1f}" y="{points[-1][1] + 4:.1f}" fill="{colour}">{label}</text>')
    parts.append(f'<text x="{(left + width - right) / 2}" y="{height - 12}" text-anchor="middle">lines</text>')
    return "\n".join(parts + ["</svg>"]) + "\n"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=1)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("sizes", type=int, nargs="+", metavar="LINES")
    options = arguments.parse_args()
    if options.rounds < 1 or min(options.sizes) < 100:
        arguments.error("--rounds needs at least 1, a size at least 100 lines")

    sizes = []
    for lines in sorted(options.sizes):
        OUT.mkdir(parents=True, exist_ok=True)
        needed, free = lines * BYTES_PER_LINE, shutil.disk_usage(OUT).free
        if free < needed:
            sys.exit(f"{lines:,} lines need {needed / MIB:,.0f} MiB of disk, {free / MIB:,.0f} MiB are free")
        sizes.append(measured(lines, options.rounds, options.seed))
        print(f"{lines:,} lines: {sizes[-1]['wall_s']:.2f} s", flush=True)
    result = {"machine": measure.machine(), "rounds": options.rounds, "sizes": sizes}
    (OUT / "scale.svg").write_text(plot(sizes))
    print()
    measure.store("scale", result, report(result))


if __name__ == "__main__":
    main()
