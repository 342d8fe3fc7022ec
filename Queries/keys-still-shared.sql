-- Keys that may still hold a foreign frame when the logs end: several owners, exposures, not purged since.
-- Parameters: none.
-- Columns: node, key; owners, cameras, fills: of the key; last_fill: UTC, with no purge or expiry after it;
--   exposures_certain, exposures_possible: under the key.
SELECT c.node, c.key, c.owners, c.cameras, c.fills, c.last_time AS last_fill, c.exposures_certain, c.exposures_possible
FROM collisions c
WHERE c.exposures_certain + c.exposures_possible > 0
    AND NOT EXISTS (SELECT 1 FROM purges p WHERE p.key = c.key AND (p.node IS NULL OR c.node IS NULL OR p.node = c.node)
        AND p.time >= c.last_time)
ORDER BY c.node, c.key;
