-- The reduce of the job: each task judges some parts of the records, with the owners of frame ids from other parts.
-- Variables: output: where the job writes.
INSERT OVERWRITE DIRECTORY '${output}/frame_fills' USING text
SELECT TRANSFORM(line) USING 'frames.sh ${output}/facts --fills' AS (line STRING) FROM block
WHERE `type` IN ('fill', 'sent') AND part >= 0 AND EXISTS (SELECT 1 FROM block WHERE `type` = 'frame_use');

INSERT OVERWRITE DIRECTORY '${output}/frames' USING text
SELECT TRANSFORM(line) USING 'frames.sh ${output}/facts' AS (line STRING) FROM (
    SELECT part, line FROM block WHERE `type` = 'frame_use'
    UNION ALL SELECT CAST(split_part(value, '\t', 3) AS INT), value FROM text.`${output}/frame_fills`
    DISTRIBUTE BY part SORT BY part);

CREATE TABLE result (line STRING, `type` STRING) USING text OPTIONS (compression 'gzip') PARTITIONED BY (`type`)
LOCATION '${output}/result';

INSERT INTO result
SELECT line, split_part(line, '\t', 2) FROM (
    SELECT TRANSFORM(line) USING 'sweep.sh ${output}/facts' AS (line STRING) FROM (
        SELECT part, line FROM block WHERE `type` IN ('delivery', 'fill', 'sent', 'purge') AND part >= 0
        UNION ALL
        SELECT CAST(split_part(value, '\t', 3) AS INT), value FROM text.`${output}/frames`
        DISTRIBUTE BY part SORT BY part));
