-- The map of the job: the raw files in `shard` (root, path) become blocks of records, one line each (Docs/Exchange.md).
-- Spark uses the fields beside a block's body; the next stage checks those and the body.
-- Variables: output: where the job writes; options: of `strayframe normalize`.
CREATE TABLE block (part INT, line STRING, `type` STRING) USING parquet PARTITIONED BY (`type`)
LOCATION '${output}/records';

INSERT INTO block
SELECT CAST(split_part(line, '\t', 3) AS INT), line, split_part(line, '\t', 2) FROM (
    SELECT TRANSFORM(concat(root, '\t', path)) USING 'normalize.sh ${options}' AS (line STRING) FROM shard);
