#!/usr/bin/env bash
# Version:  DuckDB 2.0.0 (PyPI), read_csv.
# Finding:  read_csv takes the first request of every log file for a header, even if the caller names the columns.
#
# Expected: The manual says that read_csv detects a header unless the header option is given, and that `columns` turns off
#           the detection of the schema. A log's first line looks like all others, so there should be no header; and with
#           columns={'line': 'VARCHAR'} or names=['line'], the way to read whole lines, the first line should be data.
# Seen:     Four rotated files in Squid's native format hold 100 lines each. A plain glob is refused, because the "headers"
#           differ. union_by_name=true, the remedy that the message suggests, brings 396 rows in four columns; names or
#           columns bring 396 rows; so do compressed files and sample_size=-1. A rotated file of one line has no rows.
#           The table of rejected lines stays empty. Hourly rotation loses one delivery an hour. header=false brings 400.
# Reading:  A row count from DuckDB without header=false may lack one line a file.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 143' TERM INT
python3 -m venv "$work/python"
"$work/python/bin/pip" --quiet --disable-pip-version-check install duckdb==2.0.0

WORK=$work timeout 120 "$work/python/bin/python" - <<'PY'
import gzip, os, sys
import duckdb

os.chdir(os.environ["WORK"])

def expect(what, seen, wanted):
    if seen != wanted:
        sys.exit(f"the behaviour changed: {what}: saw {seen!r}, not {wanted!r}")
    print(f"seen: {what}: {seen!r}")

def line(file, number):
    return (f"17960214{file}{number // 10}.{number % 10}79    {number % 7} 127.0.0.1 TCP_MEM_HIT/200 8220 GET "
            f"http://edge/cam?acct={file}{number:02} - HIER_NONE/- image/jpeg\n")

for file in range(4):
    text = "".join(line(file, number) for number in range(100))
    open(f"access.log.{file}", "w").write(text)
    with gzip.open(f"packed.{file}.gz", "wt") as packed:
        packed.write(text)
open("short.log", "w").write(line(0, 0))

def count(options, files="access.log.*"):
    return duckdb.sql(f"select count(*) from read_csv('{files}'{options})").fetchall()[0][0]

try:
    count("")
    expect("a plain glob", "accepted", "refused")
except duckdb.InvalidInputException as error:
    expect("a plain glob's remedy", "union_by_name=true" in str(error), True)
for options in (", union_by_name=true", ", names=['line']", ", columns={'line': 'VARCHAR'}",
                ", columns={'line': 'VARCHAR'}, delim='\\t'", ", union_by_name=true, sample_size=-1"):
    expect("rows of 400 lines with" + options, count(options), 396)
expect("rows of 400 compressed lines", count(", names=['line']", "packed.*.gz"), 396)
expect("rows of one line", count(", columns={'line': 'VARCHAR'}", "short.log"), 0)
expect("rows with header=false", count(", columns={'line': 'VARCHAR'}, header=false"), 400)
lost = set(range(400)) - {int(row[0]) for row in duckdb.sql(
    "select regexp_extract(line, 'acct=([0-9]+)', 1) from read_csv('access.log.*', columns={'line': 'VARCHAR'})").fetchall()}
expect("accounts without a row", sorted(lost), [0, 100, 200, 300])
duckdb.sql("create table rows as select * from read_csv('access.log.*', names=['line'], store_rejects=true)")
expect("rejected lines", duckdb.sql("select count(*) from reject_errors").fetchall()[0][0], 0)
PY
