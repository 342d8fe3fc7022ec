"""The job in ClickHouse's engine (chdb): compressed NDJSON → MergeTree tables → as-of join → counts.

usage: with_chdb.py --version | with_chdb.py DUMP DATABASE
"""
import json
import os
import sys

import chdb
from chdb import session

if sys.argv[1:] == ["--version"]:
    print("chdb", chdb.__version__)
    sys.exit()

dump, database = sys.argv[1:]
db = session.Session(f"{database}/chdb")
db.query("CREATE DATABASE job")


def load(table, kind, columns):
    """Creates a table in the order of the join and fills it from one kind of log."""
    repeated = columns.replace("Repeated", "LowCardinality(String)")
    db.query(f"CREATE TABLE job.{table} ({repeated}) ENGINE = MergeTree ORDER BY (node, key, ts)")
    plain = columns.replace("Repeated", "String").replace("'", "\\'")
    db.query(f"""
        INSERT INTO job.{table} SELECT * FROM file('{dump}/{kind}/*.zst', JSONEachRow, '{plain}')
        SETTINGS input_format_skip_unknown_fields = 1, date_time_input_format = 'best_effort',
            max_insert_threads = {os.cpu_count()}""")


load("delivery", "relay", """ts DateTime64(6, 'UTC'), node Repeated, requester String, camera String, key String,
    cache Repeated, status UInt16, bytes UInt32, rtt_ms UInt32, loss_pct Float32, client Repeated""")
load("fill", "cache", """ts DateTime64(6, 'UTC'), node Repeated, op Repeated, key String, frame String, owner String,
    camera String, version Repeated, ttl_s UInt32""")
db.query(f"""
    CREATE TABLE job.granted ENGINE = Memory AS SELECT * FROM file('{dump}/grants.csv', CSVWithNames,
        'owner String, camera String, grantee String, `from` Nullable(DateTime64(6, \\'UTC\\')),
        until Nullable(DateTime64(6, \\'UTC\\'))') SETTINGS date_time_input_format = 'best_effort'""")
# NOT EXISTS does not support ranges here, so the few strays are joined with the grants.
db.query("""
    CREATE TABLE job.stray ENGINE = MergeTree ORDER BY (node, key, ts) AS
    SELECT d.*, f.owner AS owner, f.camera AS frame_camera, f.frame AS frame FROM job.delivery d
    ASOF JOIN job.fill f ON f.node = d.node AND f.key = d.key AND f.ts <= d.ts
    WHERE d.status IN (200, 206) AND f.owner <> d.requester""")
db.query("""
    CREATE TABLE job.exposure ENGINE = MergeTree ORDER BY (node, key, ts) AS
    SELECT * FROM job.stray WHERE (node, key, ts, requester) NOT IN (
        SELECT s.node, s.key, s.ts, s.requester FROM job.stray s
        JOIN job.granted g ON g.owner = s.owner AND g.camera = s.frame_camera AND g.grantee = s.requester
        WHERE (g.from IS NULL OR g.from <= s.ts) AND (g.until IS NULL OR s.ts < g.until))""")
counts = db.query("SELECT count(), uniqExact(owner), uniqExact(requester) FROM job.exposure", "CSV")
exposures, owners, requesters = (int(count) for count in str(counts).strip().split(","))
db.close()
print(json.dumps({"exposures": exposures, "exposed_accounts": owners, "receiving_accounts": requesters}))
