"""The job in DuckDB: compressed NDJSON → a database file → as-of join → counts.

usage: with_duckdb.py --version | with_duckdb.py DUMP DATABASE
"""
import json
import sys

import duckdb

if sys.argv[1:] == ["--version"]:
    print("DuckDB", duckdb.__version__)
    sys.exit()

dump, database = sys.argv[1:]
db = duckdb.connect(f"{database}/duckdb.db")  # with all cores and its default memory limit
db.execute("SET preserve_insertion_order = false")


def read_logs(kind, columns):
    return f"read_json('{dump}/{kind}/*.zst', format = 'newline_delimited', columns = {columns})"


db.execute("CREATE TABLE delivery AS FROM " + read_logs("relay", {
    "ts": "TIMESTAMP", "node": "VARCHAR", "requester": "VARCHAR", "camera": "VARCHAR", "key": "VARCHAR",
    "cache": "VARCHAR", "status": "INTEGER", "bytes": "INTEGER", "rtt_ms": "INTEGER", "loss_pct": "DOUBLE",
    "client": "VARCHAR"}))
db.execute("CREATE TABLE fill AS FROM " + read_logs("cache", {
    "ts": "TIMESTAMP", "node": "VARCHAR", "op": "VARCHAR", "key": "VARCHAR", "frame": "VARCHAR", "owner": "VARCHAR",
    "camera": "VARCHAR", "version": "VARCHAR", "ttl_s": "INTEGER"}))
db.execute(f"""
    CREATE TABLE granted AS FROM read_csv('{dump}/grants.csv', header = true, columns = {{
        owner: 'VARCHAR', camera: 'VARCHAR', grantee: 'VARCHAR', live_from: 'TIMESTAMP', live_until: 'TIMESTAMP'}})""")
db.execute("""
    CREATE TABLE exposure AS
    SELECT d.*, f.owner, f.frame FROM delivery d
    ASOF JOIN fill f ON f.node = d.node AND f.key = d.key AND f.ts <= d.ts
    WHERE d.status IN (200, 206) AND f.owner <> d.requester AND NOT EXISTS (
        FROM granted g WHERE g.owner = f.owner AND g.camera = f.camera AND g.grantee = d.requester
            AND (g.live_from IS NULL OR g.live_from <= d.ts) AND (g.live_until IS NULL OR d.ts < g.live_until))""")
exposures, owners, requesters = db.execute(
    "SELECT count(*), count(DISTINCT owner), count(DISTINCT requester) FROM exposure").fetchone()
db.close()
print(json.dumps({"exposures": exposures, "exposed_accounts": owners, "receiving_accounts": requesters}))
