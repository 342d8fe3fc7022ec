#!/usr/bin/env python3
"""Writes a manual page (mdoc(7)) for the program and for each of its commands, from the program's own description.

The argument parser prints its commands and options as JSON (`--experimental-dump-help`); a command's discussion holds its
examples, below the line EXAMPLES.
"""
import argparse
import datetime
import json
import pathlib
import subprocess

STATUS = [
    (0, "success, with or without exposures"),
    (1, None),
    (64, "a mistake in the command line, or in what an option was given"),
    (65, "no usable data, or a case that has not been correlated since the last ingest"),
    (66, "a file or folder does not exist or cannot be opened"),
    (73, "a file cannot be created, or is another's and was left as it is"),
    (74, "an input or output error, also of a file of the dump, which is named"),
    (130, "interrupted"),
]
FAILED = {
    "analyze": "exposures were found, and --fail-on-exposure was given",
    "report": "exposures were found, and --fail-on-exposure was given",
    "verify": "a check failed", "doctor": "there is a problem", "selftest": "an assertion failed",
    "strayframe": "exposures were found, with --fail-on-exposure, or a check failed",
}
ALTERED = "the case was altered by another program"


def escaped(text):
    """Text for troff: no backslash, no hyphen that becomes a dash, no line that starts a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def macro(name, *words):
    """A request with quoted words, so that none is taken for another request."""
    return " ".join(["." + name] + ['"%s"' % escaped(word).replace('"', '""') for word in words])


def option(argument):
    """An option's names, the long one last, and its value."""
    names = sorted(argument.get("names", []), key=lambda one: one["kind"] != "short")
    words = [("-" if one["kind"] == "short" else "--") + one["name"] for one in names]
    value = argument.get("valueName")
    return ", ".join(words) + (" <%s>" % value if argument["kind"] == "option" else "")


def synopsis(words, command):
    lines = [macro("Nm", " ".join(words))]
    arguments = [one for one in command.get("arguments", []) if one.get("shouldDisplay", True)]
    if any(one["kind"] != "positional" for one in arguments):
        lines.append(".Op Ar options")
    for one in arguments:
        if one["kind"] == "positional":
            name = one["valueName"] + ("..." if one.get("isRepeating") else "")
            lines.append(macro("Op Ar" if one.get("isOptional") else "Ar", name))
    if command.get("subcommands"):
        lines.append(".Ar command")
    return lines


def described(argument):
    text = argument.get("abstract", "")
    default = argument.get("defaultValue")
    values = argument.get("allValues")
    if default not in (None, "", "false"):
        text += " Default: %s." % default
    if values and argument["kind"] == "option":
        text += " Values: %s." % ", ".join(values)
    return text.strip()


def page(words, command, others, date):
    name = "-".join(words)
    discussion, _, examples = command.get("discussion", "").partition("EXAMPLES\n")
    examples = examples.partition("\n\n")[0]
    lines = [
        ".\\\" Made from the program's own help; do not edit.",
        ".Dd " + date.strftime("%B %-d, %Y"), macro("Dt", name.upper(), "1"), ".Os", ".Sh NAME",
        macro("Nm", name), macro("Nd", command.get("abstract", "").rstrip(".")), ".Sh SYNOPSIS",
    ]
    lines += synopsis(words, command) + [".Sh DESCRIPTION"]
    for paragraph in [discussion.strip() or command.get("abstract", "")]:
        lines.append(escaped(" ".join(paragraph.split())))
    arguments = [one for one in command.get("arguments", []) if one.get("shouldDisplay", True)]
    sections = {}
    for one in arguments:
        sections.setdefault(one.get("sectionTitle") or "", []).append(one)
    for title, ones in sorted(sections.items()):
        lines += [".Ss %s" % escaped(title) if title else ".Ss Arguments and options", ".Bl -tag -width 6n"]
        for one in ones:
            label = one["valueName"] if one["kind"] == "positional" else option(one)
            lines += [macro("It", label), escaped(described(one)) or "\\&"]
        lines.append(".El")
    commands = [one for one in command.get("subcommands", []) if one.get("shouldDisplay", True)]
    commands = [one for one in commands if one["commandName"] != "help"]
    if commands:
        lines += [".Ss Commands", ".Bl -tag -width 14n"]
        for one in commands:
            lines += [macro("It", one["commandName"]), escaped(one.get("abstract", ""))]
        lines.append(".El")
    lines += [".Sh EXIT STATUS", ".Bl -tag -width 6n"]
    failed = FAILED.get(words[-1])
    for number, meaning in STATUS:
        meaning = meaning or ("%s, or %s" % (failed, ALTERED) if failed else ALTERED)
        lines += [".It %d" % number, escaped(meaning)]
    lines.append(".El")
    if examples.strip():
        lines += [".Sh EXAMPLES", ".Bd -literal"] + [escaped(line.strip()) for line in examples.split("\n") if line.strip()]
        lines.append(".Ed")
    related = [one for one in others if one != name]
    lines.append(".Sh SEE ALSO")
    lines += [".Xr %s 1%s" % (escaped(one), "" if one == related[-1] else " ,") for one in related] or ["sqlite3(1)"]
    return name, "\n".join(lines) + "\n"


def pages(tool, date):
    top = json.loads(subprocess.run([tool, "--experimental-dump-help"], check=True, stdout=subprocess.PIPE).stdout)["command"]
    root = top["commandName"]
    commands = [one for one in top["subcommands"] if one.get("shouldDisplay", True) and one["commandName"] != "help"]
    yield page([root], top, ["%s-%s" % (root, one["commandName"]) for one in commands], date)
    for command in commands:
        words = [root, command["commandName"]]
        below = [one for one in command.get("subcommands", []) if one["commandName"] != "help"]
        yield page(words, command, [root] + ["-".join(words + [one["commandName"]]) for one in below], date)
        for one in below:
            yield page(words + [one["commandName"]], one, [root, "-".join(words)], date)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tool", help="the program")
    parser.add_argument("folder", type=pathlib.Path, help="where the pages go; made if it does not exist")
    parser.add_argument("--date", type=datetime.date.fromisoformat, default=datetime.date.today(), help="that the pages bear")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(arguments.tool, arguments.date):
        (arguments.folder / (name + ".1")).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
