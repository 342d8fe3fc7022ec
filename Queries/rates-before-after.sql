-- The share of exposures among deliveries under each rollout in turn.
-- Parameters: none.
-- Columns: rollout: empty before the first; from_time: its beginning, UTC; deliveries: with a frame, stamped until the
--   next rollout; certain, possible: exposures; percent: certain exposures of deliveries.
WITH moment AS (
    SELECT ts, group_concat(rollout, ' + ') AS rollout FROM (SELECT DISTINCT ts, rollout FROM rollouts ORDER BY ts, rollout)
    GROUP BY ts),
span AS (
    SELECT rollout, ts AS begins, lead(ts, 1, 9223372036854775807) OVER (ORDER BY ts) AS ends FROM moment
    UNION ALL SELECT NULL, -9223372036854775807, ifnull((SELECT min(ts) FROM moment), 9223372036854775807)),
counted AS (
    SELECT d.ts, e.certainty FROM delivery d LEFT JOIN exposure e ON e.delivery = d.id AND e.is_redisplay = 0
    WHERE (d.status IS NULL OR d.status IN (200, 206)) AND (d.bytes IS NULL OR d.bytes <> 0))
SELECT s.rollout, iif(s.rollout IS NULL, NULL, strftime('%Y-%m-%dT%H:%M:%SZ', s.begins / 1000000, 'unixepoch')) AS from_time,
    count(c.ts) AS deliveries, sum(ifnull(c.certainty = 'certain', 0)) AS certain,
    sum(ifnull(c.certainty = 'possible', 0)) AS possible,
    round(100.0 * sum(ifnull(c.certainty = 'certain', 0)) / max(count(c.ts), 1), 3) AS percent
FROM span s LEFT JOIN counted c ON c.ts >= s.begins AND c.ts < s.ends
GROUP BY s.begins ORDER BY s.begins;
