-- When the rate of certain exposures changed, on a node or on all, found from the counts alone: compare with the rollouts.
-- Parameters: node (optional): only this node.
-- Columns: scope: node, or all nodes together: what shows on none alone; node: empty where the log names none; kind: step: the
--   new rate lasts, burst: it falls again soon; from_time, until_time: the change lies between them, UTC; seconds: how far
--   they are apart; end_time: of a burst; before_rate, after_rate: certain exposures of deliveries until the change before and after, of a burst around it and within;
--   p_value: Fisher's exact test of accounts, two-sided, times the places looked at; last_rollout: the one that began last
--   by then; seconds_after_it: from its beginning.
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
