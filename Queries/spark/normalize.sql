-- The map of the job: the raw files that `shard` lists (root, path) become records.
-- What strayframe prints is read strictly: a line that is no such object ends the job.
-- Variables: output: where the job writes; options: of `strayframe normalize`.
CREATE TABLE record USING parquet PARTITIONED BY (`type`) LOCATION '${output}/records' AS
SELECT fields.* EXCEPT (`type`), record, fields.`type` FROM (
    SELECT record, from_json(record,
        '`type` STRING, `group` STRING, `order` STRING, source STRING, line BIGINT, kind STRING, node STRING, clock STRING,
            frame STRING, requester STRING, camera STRING, path STRING, sha256 STRING, state STRING, lines BIGINT,
            deliveries BIGINT', map('mode', 'FAILFAST')) AS fields
    FROM (SELECT TRANSFORM(concat(root, '\t', path)) USING 'normalize.sh ${options}' AS (record STRING) FROM shard));
