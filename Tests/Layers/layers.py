#!/usr/bin/env python3
"""Check that no targets and no folders of a target depend on each other in a circle, and that folders need not know each other.

A folder directly in a target is a room, with all that lies in it (`Sources/LogRecords/Formats/JSON` is part of the room
`Formats`); the files that lie in the target itself are one more. A file uses another if it names a type that the other
declares outside any type. Comments and texts do not count, but what a text interpolates does. Members are not looked at, so
an extension belongs to the room that it lies in.

Prints each circle, shortest first, with what makes it, and ends with 1 if there is one. With --graph it prints what each
room uses instead.
"""

import argparse
import collections
import pathlib
import re
import sys

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "Sources"
# How many names are listed of one use.
MOST = 4
# Circles that are allowed: "Target/Room -> Target/Room" and why.
ALLOWED = {}

LITERAL = re.compile(r'#*"')
DECLARATION = re.compile(
    r"[{}]|\b(?:struct|class|enum|actor|protocol|typealias|extension)\s+`?([A-Za-z_][A-Za-z0-9_.]*)"
)
WORD = re.compile(r"\b[A-Z][A-Za-z0-9_]*")
IMPORT = re.compile(r"^(?:@testable )?(?:public |package |internal |private |fileprivate )?import (\w+)", re.MULTILINE)


def code(source):
    """The source without comments and texts; of a text what it interpolates is left, and line breaks everywhere."""
    kept, end = [], len(source)

    def keep_breaks(start, stop):
        kept.append("\n" * source.count("\n", start, stop) or " ")
        return stop

    def step(at):
        if source.startswith("//", at):
            stop = source.find("\n", at)
            return end if stop < 0 else stop
        if source.startswith("/*", at):
            stop = source.find("*/", at + 2)
            return keep_breaks(at, end if stop < 0 else stop + 2)
        opening = LITERAL.match(source, at)
        if opening:
            return text(opening.end() - 1, "#" * (len(opening.group()) - 1))
        kept.append(source[at])
        return at + 1

    def text(at, hashes):
        quote = '"""' if source.startswith('"""', at) else '"'
        at += len(quote)
        close, escape = quote + hashes, "\\" + hashes
        while at < end and not source.startswith(close, at):
            if source.startswith(escape + "(", at):
                at = interpolation(at + len(escape))
            elif source.startswith(escape, at):
                at += len(escape) + 1
            else:
                at = keep_breaks(at, at + 1) if source[at] == "\n" else at + 1
        kept.append(" ")
        return at + len(close)

    def interpolation(at):
        depth = 0
        while at < end:
            depth += {"(": 1, ")": -1}.get(source[at], 0)
            at = step(at)
            if depth == 0:
                break
        return at

    at = 0
    while at < end:
        at = step(at)
    return "".join(kept)


def declared(text):
    """The types that a file declares outside any type, and those that it declares inside of one."""
    outer, inner, depth = set(), set(), 0
    for match in DECLARATION.finditer(text):
        if match.group() == "{":
            depth += 1
        elif match.group() == "}":
            depth -= 1
        elif not match.group().startswith("extension") and match.group(1)[0].isupper():
            head = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
            hidden = depth > 0 or re.search(r"\b(?:private|fileprivate)\b", head)
            (inner if hidden else outer).add(match.group(1))
    return outer, inner


def room(file, target):
    """The folder of a target that a file is in; empty for those that lie in the target itself."""
    parts = file.relative_to(target).parts
    return parts[0] if len(parts) > 1 else ""


def uses_of(target):
    """What the rooms of a target use of each other: user -> used -> {(file, type, file)}."""
    files = sorted(target.rglob("*.swift"))
    texts = {file: code(file.read_text(encoding="utf-8")) for file in files}
    homes, own = collections.defaultdict(set), {}
    for file, text in texts.items():
        outer, inner = declared(text)
        own[file] = outer | inner
        for name in outer:
            homes[name].add(file)
    uses = {room(file, target): collections.defaultdict(set) for file in files}
    for file, text in texts.items():
        for name in set(WORD.findall(text)) - own[file]:
            # A name of several types is each one's own affair.
            if len(homes.get(name, ())) == 1:
                (home,) = homes[name]
                if room(file, target) != room(home, target):
                    uses[room(file, target)][room(home, target)].add((file.name, name, home.name))
    return uses


def uses_of_targets(targets):
    """What targets import of each other, in the form of `uses_of`."""
    names = {target.name for target in targets}
    uses = {target.name: collections.defaultdict(set) for target in targets}
    for target in targets:
        for file in sorted(target.rglob("*.swift")):
            for name in IMPORT.findall(file.read_text(encoding="utf-8")):
                if name in names and name != target.name:
                    uses[target.name][name].add((file.name, "import", name))
    return uses


def circles(uses):
    """The shortest circle through each use that is part of one, each circle once."""
    found = {}
    for start in sorted(uses):
        for first in sorted(uses[start]):
            # Breadth first, from the used one back to its user.
            before, queue = {first: None}, [first]
            while queue and start not in before:
                here = queue.pop(0)
                for there in sorted(uses.get(here, ())):
                    if there not in before:
                        before[there] = here
                        queue.append(there)
            if start in before:
                path, here = [], start
                while here is not None:
                    path.append(here)
                    here = before[here]
                path.reverse()
                found.setdefault(frozenset(path), [start] + path)
    return sorted(found.values(), key=lambda path: (len(path), path))


def report(title, uses):
    """Prints the circles among rooms or targets, and returns how many there are."""
    count = 0
    for path in circles(uses):
        steps = list(zip(path, path[1:]))
        if any(f"{title}/{one} -> {title}/{other}" in ALLOWED for one, other in steps):
            continue
        count += 1
        print(f"{title}: {' -> '.join(name or '.' for name in path)}")
        for one, other in steps:
            used = sorted(uses[one][other])
            for file, name, home in used[:MOST]:
                print(f"    {one or '.'}/{file} -> {name} ({other or '.'}/{home})")
            if len(used) > MOST:
                print(f"    {one or '.'} -> {other or '.'}: and {len(used) - MOST} more")
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--graph", action="store_true", help="print what each room uses")
    parser.add_argument("targets", nargs="*", help="the targets to look at; all if none is named")
    arguments = parser.parse_args()
    targets = sorted(folder for folder in SOURCES.iterdir() if any(folder.rglob("*.swift")))
    wanted = [target for target in targets if not arguments.targets or target.name in arguments.targets]
    graphs = [("Sources", uses_of_targets(targets))] + [(target.name, uses_of(target)) for target in wanted]
    if arguments.graph:
        for title, uses in graphs:
            for one in sorted(uses):
                print(f"{title}/{one or '.'}: {' '.join(name or '.' for name in sorted(uses[one])) or '-'}")
        return 0
    count = sum(report(title, uses) for title, uses in graphs)
    if count:
        print(f"{count} circles: move what both need into a room below, or a file to where it belongs", file=sys.stderr)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
