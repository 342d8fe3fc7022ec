-- The reduce of the job: each task judges the deliveries of some groups, with what frame ids elsewhere say of them.
-- Variables: output: where the job writes.
INSERT OVERWRITE DIRECTORY '${output}/frames' USING parquet
SELECT fields.*, record FROM (
    SELECT record, from_json(record, '`group` STRING, `order` STRING', map('mode', 'FAILFAST')) AS fields FROM (
        SELECT TRANSFORM(record) USING 'frames.sh ${output}/facts' AS (record STRING) FROM (
            SELECT frame, `order`, record FROM record
            WHERE frame IS NOT NULL AND (`type` = 'delivery' OR `type` = 'fill' AND `order` LIKE '0%')
            DISTRIBUTE BY frame SORT BY frame, `order`)));

CREATE TEMPORARY VIEW frame USING parquet OPTIONS (path '${output}/frames');

INSERT OVERWRITE DIRECTORY '${output}/result' USING text OPTIONS (compression 'gzip')
SELECT TRANSFORM(record) USING 'sweep.sh ${output}/facts' AS (line STRING) FROM (
    SELECT `group`, `order`, record FROM record WHERE `group` IS NOT NULL
    UNION ALL
    SELECT `group`, `order`, record FROM frame
    DISTRIBUTE BY `group` SORT BY `group`, `order`);
