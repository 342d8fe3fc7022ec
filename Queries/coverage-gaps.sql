-- Silences in the logs: the longest stretches between two deliveries of a node, against what is usual there.
-- Parameters: factor (optional): a silence counts if it is this many times the node's mean interval, 100 if not given.
-- Columns: node: empty where the log names none; from_time, until_time: the last delivery before and the first after,
--   UTC; seconds: how long; mean_seconds: the node's usual interval.
WITH stepped AS (
    SELECT node, ts, lag(ts) OVER (PARTITION BY node ORDER BY ts) AS before FROM delivery),
usual AS (SELECT node, avg(ts - before) AS mean FROM stepped WHERE before IS NOT NULL GROUP BY node)
SELECT (SELECT text FROM name WHERE id = s.node) AS node,
    strftime('%Y-%m-%dT%H:%M:%SZ', s.before / 1000000, 'unixepoch') AS from_time,
    strftime('%Y-%m-%dT%H:%M:%SZ', s.ts / 1000000, 'unixepoch') AS until_time,
    round((s.ts - s.before) / 1e6, 3) AS seconds, round(u.mean / 1e6, 3) AS mean_seconds
FROM stepped s JOIN usual u ON u.node IS s.node
WHERE s.ts - s.before > ifnull(:factor, 100) * u.mean AND s.ts - s.before > 1000000
ORDER BY s.ts - s.before DESC, 1, 2 LIMIT 200;
