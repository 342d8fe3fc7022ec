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
-- A tally begins at a full hour or with a rollout, so none reaches over the end of a span.
counted AS (
    SELECT s.begins, sum(t.deliveries) AS deliveries
    FROM span s JOIN tally t ON t.from_ts >= s.begins AND t.from_ts < s.ends
        JOIN circumstance x ON x.id = t.circumstance
    WHERE x.content = 0 GROUP BY s.begins),
exposed AS (
    SELECT s.begins, sum(e.certainty = 'certain') AS certain, sum(e.certainty = 'possible') AS possible
    FROM exposure e JOIN delivery d ON d.id = e.delivery JOIN span s ON d.ts >= s.begins AND d.ts < s.ends
    WHERE e.is_redisplay = 0 GROUP BY s.begins)
SELECT s.rollout, iif(s.rollout IS NULL, NULL, strftime('%Y-%m-%dT%H:%M:%SZ', s.begins / 1000000, 'unixepoch')) AS from_time,
    ifnull(c.deliveries, 0) AS deliveries, ifnull(e.certain, 0) AS certain, ifnull(e.possible, 0) AS possible,
    round(100.0 * ifnull(e.certain, 0) / max(ifnull(c.deliveries, 0), 1), 3) AS percent
FROM span s LEFT JOIN counted c ON c.begins = s.begins LEFT JOIN exposed e ON e.begins = s.begins
ORDER BY s.begins;
