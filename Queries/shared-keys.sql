-- The cache keys under which frames of several owners were filled: where frames can stray.
-- Parameters: limit (optional): how many keys at most, 100 if not given.
-- Columns: node, key; owners, cameras, fills: how many; first_time, last_time: of the fills, UTC.
WITH owned AS (
    SELECT f.node, f.key, f.ts, f.camera, ifnull(f.owner, (
        SELECT c.owner FROM camera c JOIN name n ON n.id = c.owner
        WHERE c.camera = f.camera AND (c.owned_from IS NULL OR c.owned_from <= f.ts)
            AND (c.owned_until IS NULL OR f.ts < c.owned_until)
        ORDER BY n.text LIMIT 1)) AS owner
    FROM fill f WHERE f.kind <> 2 AND f.key IS NOT NULL)
SELECT (SELECT text FROM name WHERE id = node) AS node, (SELECT text FROM name WHERE id = key) AS key,
    count(DISTINCT owner) AS owners, count(DISTINCT camera) AS cameras, count(*) AS fills,
    strftime('%Y-%m-%dT%H:%M:%SZ', min(ts) / 1000000, 'unixepoch') AS first_time,
    strftime('%Y-%m-%dT%H:%M:%SZ', max(ts) / 1000000, 'unixepoch') AS last_time
FROM owned GROUP BY owned.node, owned.key HAVING count(DISTINCT owner) > 1
ORDER BY owners DESC, fills DESC, 2, 1 LIMIT ifnull(:limit, 100);
