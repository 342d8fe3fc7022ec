#!/usr/bin/env bash
# Version:  DataFusion 55.0.0, and DuckDB 2.0.1 with `columns` (PyPI); Polars 2.1.0 and pyarrow 26.0.1 for comparison.
# Finding:  In daily CSV files whose columns changed their order, DataFusion ignores all headers but the first: the viewer
#           becomes the owner, and the owner the viewer.
#
# Expected: Every file has a header, and the readers are told so (or find it). The columns of several files should be matched
#           by name, or files whose headers differ should be refused.
# Seen:     The exporter's update turned time,account,owner into time,owner,account. DataFusion's read_csv and register_csv on
#           the folder give the columns of the first file's header by position to all rows: no error and no warning. For the
#           second day the owners are in the column account. DuckDB's read_csv matches by name, but by position if `columns`
#           names the columns and their types, header=true or not. Polars refuses the files, or matches by name with
#           `schema`; pyarrow's dataset matches by name.
# Reading:  Read the headers of all files first; where they differ, read file by file and select by name.
#
#   day-2.csv  time,owner,account / 3,own-3,acct-3      DataFusion: account own-3, owner acct-3
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 143' TERM INT
python3 -m venv "$work/python"
"$work/python/bin/pip" --quiet --disable-pip-version-check install datafusion==55.0.0 duckdb==2.0.1 polars==2.1.0 pyarrow==26.0.1

WORK=$work timeout 120 "$work/python/bin/python" - <<'PY'
import os, sys, warnings
from pathlib import Path
import datafusion, duckdb, polars
import pyarrow.dataset

warnings.simplefilter("error")

def expect(what, seen, wanted):
    if seen != wanted:
        sys.exit(f"the behaviour changed: {what}: saw {seen!r}, not {wanted!r}")
    print(f"seen: {what}: {seen!r}")

os.chdir(os.environ["WORK"])
Path("days").mkdir()
Path("days/day-1.csv").write_text("time,account,owner\n1,acct-1,own-1\n2,acct-2,own-2\n")
Path("days/day-2.csv").write_text("time,owner,account\n3,own-3,acct-3\n4,own-4,acct-4\n")
BY_NAME = [(number, f"acct-{number}", f"own-{number}") for number in (1, 2, 3, 4)]
BY_POSITION = BY_NAME[:2] + [(number, f"own-{number}", f"acct-{number}") for number in (3, 4)]

def rows(table):
    """An Arrow table's rows, in the order of time."""
    return sorted(zip(*(table[name].to_pylist() for name in ("time", "account", "owner"))))

context = datafusion.SessionContext()
context.register_csv("days", "days/", has_header=True)
expect("DataFusion, register_csv", rows(context.sql("select time, account, owner from days").to_arrow_table()), BY_POSITION)
expect("DataFusion, read_csv", rows(context.read_csv("days/").to_arrow_table()), BY_POSITION)

def duckdb_rows(options):
    return duckdb.sql(f"select time, account, owner from read_csv('days/*.csv'{options}) order by time").fetchall()

COLUMNS = ", columns={'time': 'bigint', 'account': 'varchar', 'owner': 'varchar'}"
expect("DuckDB", duckdb_rows(""), BY_NAME)
expect("DuckDB with columns", duckdb_rows(COLUMNS), BY_POSITION)
expect("DuckDB with columns and header=true", duckdb_rows(COLUMNS + ", header=true"), BY_POSITION)
try:
    polars.read_csv("days/*.csv")
    expect("Polars", "accepted", "refused")
except polars.exceptions.ComputeError as error:
    print(f"seen: Polars refuses the files: {error}".splitlines()[0])
schema = {"time": polars.Int64, "account": polars.String, "owner": polars.String}
frame = polars.scan_csv("days/*.csv", schema=schema).collect()
expect("Polars with schema", sorted(frame.select("time", "account", "owner").rows()), BY_NAME)
expect("pyarrow", rows(pyarrow.dataset.dataset("days", format="csv").to_table()), BY_NAME)
PY
