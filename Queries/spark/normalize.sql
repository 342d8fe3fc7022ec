-- The map of the job: the raw files that `shard` lists (root, path) become blocks of records, a line each (Docs/Exchange.md).
-- Spark looks at what stands beside a block's body; the next stage checks that and the body.
-- Variables: output: where the job writes; options: of `strayframe normalize`.
CREATE TABLE block (part INT, line STRING, `type` STRING) USING parquet PARTITIONED BY (`type`)
LOCATION '${output}/records';

INSERT INTO block
SELECT CAST(split_part(line, '\t', 3) AS INT), line, split_part(line, '\t', 2) FROM (
    SELECT TRANSFORM(concat(root, '\t', path)) USING 'normalize.sh ${options}' AS (line STRING) FROM shard);
