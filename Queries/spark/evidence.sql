-- The records that findings lead to: what candidates were filled by, the looks that followed exposed thumbnails, and all
-- purges and rejects. With facts and result they are what `strayframe import` wants.
-- Variables: output: where the job writes.
INSERT OVERWRITE DIRECTORY '${output}/findings' USING text
SELECT line FROM result WHERE `type` IN ('finding', 'candidate');

INSERT OVERWRITE DIRECTORY '${output}/evidence' USING text
SELECT TRANSFORM(line) USING 'evidence.sh ${output}/findings' AS (line STRING) FROM block
WHERE `type` = 'reject' OR part >= 0 AND `type` IN ('delivery', 'fill', 'sent', 'purge');
