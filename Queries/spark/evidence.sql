-- The records behind the findings: the fills of candidates, the views that followed exposed thumbnails, and all purges and
-- rejects. `strayframe import` needs them with facts and result.
-- Variables: output: where the job writes.
INSERT OVERWRITE DIRECTORY '${output}/findings' USING text
SELECT line FROM result WHERE `type` IN ('finding', 'candidate');

INSERT OVERWRITE DIRECTORY '${output}/evidence' USING text
SELECT TRANSFORM(line) USING 'evidence.sh ${output}/findings' AS (line STRING) FROM block
WHERE `type` = 'reject' OR part >= 0 AND `type` IN ('delivery', 'fill', 'sent', 'purge');
