-- The records that findings lead to: what candidates were filled by, the looks that followed exposed thumbnails, and all
-- purges and rejects. With facts and result they are what `strayframe import` wants.
-- Variables: output: where the job writes.
CREATE TEMPORARY VIEW result AS
SELECT from_json(value,
    '`type` STRING, source STRING, line BIGINT, kind STRING, requester STRING, camera STRING, fill_source STRING,
        fill_line BIGINT', map('mode', 'FAILFAST')) AS r
FROM text.`${output}/result` WHERE value LIKE '{"type":"finding"%' OR value LIKE '{"type":"candidate"%';

INSERT OVERWRITE DIRECTORY '${output}/evidence' USING text OPTIONS (compression 'gzip')
SELECT record FROM record
WHERE `type` = 'reject' OR `type` = 'purge' AND `order` LIKE '0%' AND kind IS NULL
UNION ALL
SELECT record FROM record WHERE `type` = 'fill' AND `order` LIKE '0%' AND (source, line) IN (
    SELECT r.fill_source, r.fill_line FROM result WHERE r.`type` = 'candidate')
UNION ALL
SELECT record FROM record WHERE `type` = 'delivery' AND kind IN ('still', 'clip', 'stream') AND (requester, camera) IN (
    SELECT r.requester, r.camera FROM result WHERE r.`type` = 'finding' AND r.kind = 'thumbnail');
