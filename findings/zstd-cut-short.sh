#!/usr/bin/env bash
# Version:  pandas 3.1.1 with zstandard 0.25.0, and DuckDB 2.0.1 (PyPI).
# Finding:  A .zst log whose end is missing is read without an error, and its last row may name another's account.
#
# Expected: A log is copied while its compressor is at work, or a copy ends early. Both readers refuse a .gz file that ends
#           early: pandas with EOFError, DuckDB with "Unexpected end of GZIP stream". A zstd frame marks its last block, and
#           here has a checksum, too, so that its end cannot be mistaken either; both should refuse such a .zst file.
# Seen:     The first 68 % of a file of 200,000 lines, one frame: pandas.read_csv, also with chunksize, and DuckDB's read_csv
#           bring 135,516 rows, no error and no warning, and DuckDB's store_rejects has no entry. The last row is a part of
#           its line: a delivery to acct-135515 becomes one to acct-13551, who has another. Both readers refuse the same cut
#           of the .gz file. The zstd program says "premature end".
# Reading:  Test .zst files with `zstd -t` before counting in them.
#
#   8d4d029a4ab6,acct-135515      read as  8d4d029a4ab6,acct-13551
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 143' TERM INT
python3 -m venv "$work/python"
"$work/python/bin/pip" --quiet --disable-pip-version-check install pandas==3.1.1 zstandard==0.25.0 duckdb==2.0.1

WORK=$work timeout 120 "$work/python/bin/python" - <<'PY'
import gzip, hashlib, os, re, sys, warnings
from pathlib import Path
import duckdb, pandas, zstandard

def expect(what, seen, wanted):
    if seen != wanted:
        sys.exit(f"the behaviour changed: {what}: saw {seen!r}, not {wanted!r}")
    print(f"seen: {what}: {seen!r}")

os.chdir(os.environ["WORK"])
LINES = 200_000

def key(number):
    return hashlib.sha256(str(number).encode()).hexdigest()[:12]

log = "key,account\n" + "".join(f"{key(number)},acct-{number}\n" for number in range(LINES))
files = {"gz": gzip.compress(log.encode(), mtime=0), "zst": zstandard.ZstdCompressor(write_checksum=True).compress(log.encode())}
# What a copy of the first bytes holds; the first length, by hundredths, at which it ends inside an account.
for hundredth in range(40, 100):
    cut = {name: content[:len(content) * hundredth // 100] for name, content in files.items()}
    held = zstandard.ZstdDecompressor().decompressobj().decompress(cut["zst"]).decode()
    if re.search(r",acct-\d{2,5}$", held) and log[len(held)] != "\n":
        break
whole_lines, last = held.count("\n") - 1, tuple(held[held.rindex("\n") + 1:].split(","))
print(f"   {hundredth} % of the files: {whole_lines} whole lines and {last} of {(key(whole_lines), f'acct-{whole_lines}')}")
for name in files:
    Path(f"whole.csv.{name}").write_bytes(files[name])
    Path(f"cut.csv.{name}").write_bytes(cut[name])
warnings.simplefilter("error")

def pandas_rows(path):
    return [tuple(row) for row in pandas.read_csv(path).itertuples(index=False)]

def pandas_chunks(path):
    return [tuple(row) for chunk in pandas.read_csv(path, chunksize=10_000) for row in chunk.itertuples(index=False)]

def duckdb_rows(path):
    return duckdb.sql(f"select key, account from read_csv('{path}', header=true)").fetchall()

for read in (pandas_rows, pandas_chunks, duckdb_rows):
    expect(f"{read.__name__} of the whole files", [len(read(f"whole.csv.{name}")) for name in files], [LINES] * 2)
    try:
        read("cut.csv.gz")
        expect("the cut .gz file", "accepted", "refused")
    except (EOFError, duckdb.IOException) as error:
        print(f"seen: {read.__name__} refuses the cut .gz file: {error}")
    rows = read("cut.csv.zst")
    expect(f"{read.__name__} of the cut .zst file", (len(rows), rows[-1]), (whole_lines + 1, last))
    expect("that account has a delivery of its own", sum(row[1] == last[1] for row in rows), 2)
duckdb.sql("create table rows as select * from read_csv('cut.csv.zst', header=true, store_rejects=true)")
expect("rejected lines", duckdb.sql("select count(*) from reject_errors").fetchall()[0][0], 0)
PY
