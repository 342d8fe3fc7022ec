-- When the rate of certain exposures changed, found from the counts alone. Compare it with the rollouts.
-- Parameters: node (optional): only this node.
-- Columns: scope: node, or all nodes (a change that no single node shows); node: empty if the log names none; kind: step (the
--   new rate lasts) or burst (it soon falls again); from_time, until_time: the change lies between them, UTC; seconds: between
--   the two; end_time: of a burst; before_rate, after_rate: certain exposures per delivery before and after the change, or
--   around and within a burst; p_value: Fisher's exact test of accounts, two-sided, times the number of places tested;
--   last_rollout: the last one that had begun; seconds_after_it: since its beginning.
SELECT iif(is_total, 'all nodes', 'node') AS scope, node, kind, from_time, until_time, seconds, end_time, before_rate,
    after_rate, p_value, last_rollout,
    round((until_ts - last_rollout_ts) / 1e6, 3) AS seconds_after_it
FROM (SELECT c.*,
        (SELECT r.rollout FROM rollouts r WHERE (c.is_total OR r.node IS NULL OR r.node IS c.node) AND r.ts <= c.until_ts
            ORDER BY r.ts DESC, r.rollout LIMIT 1) AS last_rollout,
        (SELECT max(r.ts) FROM rollouts r WHERE (c.is_total OR r.node IS NULL OR r.node IS c.node) AND r.ts <= c.until_ts)
            AS last_rollout_ts
    FROM change_points c)
WHERE :node IS NULL OR node = :node ORDER BY from_ts, is_total, node;
