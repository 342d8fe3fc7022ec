-- The facts that every task needs about the whole dump: one task reads a few of its records and writes the facts.
-- Variables: output: where the job writes; skew: an option of `strayframe survey`, or nothing.
INSERT OVERWRITE DIRECTORY '${output}/sources' USING text SELECT line FROM block WHERE `type` = 'source';

-- If there is an origin's log, a sample of the deliveries that fetched a frame and the answers that may belong to them tie the
-- clocks.
INSERT OVERWRITE DIRECTORY '${output}/sampled' USING text
SELECT TRANSFORM(line) USING 'sample.sh ${output}/sources' AS (line STRING) FROM block
WHERE `type` = 'delivery' AND part >= 0 AND EXISTS (SELECT 1 FROM block WHERE `type` = 'sent');

INSERT OVERWRITE DIRECTORY '${output}/answers' USING text
SELECT TRANSFORM(line) USING 'sample.sh ${output}/sources ${output}/sampled' AS (line STRING) FROM block
WHERE `type` = 'sent' AND part >= 0;

INSERT OVERWRITE DIRECTORY '${output}/facts' USING text
SELECT TRANSFORM(line) USING 'survey.sh ${skew}' AS (line STRING) FROM (
    SELECT 1 AS one, CASE `type` WHEN 'source' THEN 0 WHEN 'delivery' THEN 1 ELSE 2 END AS place, line FROM block
    WHERE part < 0 AND `type` <> 'reject'
    UNION ALL SELECT 1, 1, value FROM text.`${output}/sampled`
    UNION ALL SELECT 1, 2, value FROM text.`${output}/answers`
    DISTRIBUTE BY one SORT BY place);
