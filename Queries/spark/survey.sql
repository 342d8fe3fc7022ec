-- What every task must know of the whole dump, out of a few of its records: one task reads them and writes the facts.
-- Variables: output: where the job writes; skew: an option of `strayframe survey`, or nothing.

-- The sources with deliveries that count; of files with equal bytes the first by name does.
CREATE TEMPORARY VIEW counted AS
SELECT r.source, r.lines FROM record r
    JOIN (SELECT sha256, min(path) AS path FROM record WHERE `type` = 'source' GROUP BY sha256) first
    ON first.sha256 = r.sha256 AND first.path = r.path
WHERE r.`type` = 'source' AND r.state IN ('complete', 'damaged') AND r.deliveries > 0;

-- Of deliveries 1,024 stretches of 64 lines each, evenly over the sources, or all of a small dump.
CACHE TABLE sampled AS
WITH share AS (
    SELECT source, lines, total, greatest(1, lines * 1024 DIV total) AS blocks
    FROM counted CROSS JOIN (SELECT sum(lines) AS total FROM counted)
)
SELECT /*+ BROADCAST(s) */ r.record, r.`group`, r.requester, r.frame FROM record r JOIN share s ON r.source = s.source
WHERE r.`type` = 'delivery' AND (s.total <= 65536
    OR r.line - (s.lines * ((r.line * s.blocks + s.lines - 1) DIV s.lines - 1)) DIV s.blocks <= 64);

INSERT OVERWRITE DIRECTORY '${output}/facts' USING text
SELECT TRANSFORM(record) USING 'survey.sh ${skew}' AS (fact STRING) FROM (
    SELECT 1 AS part, 0 AS place, record FROM record WHERE `type` = 'source'
    UNION ALL
    -- Those deliveries, the fills that may be theirs, and one record of each kind, node and clock; each once.
    SELECT 1, if(`type` = 'delivery', 1, 2), record FROM (
        SELECT 'delivery' AS `type`, record FROM sampled
        UNION
        SELECT `type`, record FROM record
        WHERE `type` = 'fill' AND `order` LIKE '0%' AND kind = 'sent'
            AND (`group`, coalesce(requester, frame)) IN (
                SELECT `group`, requester FROM sampled UNION SELECT `group`, frame FROM sampled)
        UNION
        SELECT `type`, min(record) FROM record
        WHERE `type` = 'delivery' OR `type` IN ('fill', 'purge') AND `order` LIKE '0%'
        GROUP BY `type`, kind, node, clock, source)
    UNION ALL
    SELECT 1, 2, record FROM record WHERE `type` IN ('account', 'camera', 'grant', 'rollout')
    DISTRIBUTE BY part SORT BY place);
