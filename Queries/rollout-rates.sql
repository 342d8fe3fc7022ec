-- The rate of exposures under each rollout on each node, and whether it changed significantly.
-- Parameters: node (optional): only this node.
-- Columns: node: empty for all nodes together, or if the log names none; rollout: empty before the first;
--   from_time, until_time: UTC; deliveries; certain, possible: exposures; rate: certain exposures per delivery, with its 95%
--   interval; p_value: of the rate against the previous stretch, Fisher's exact test, two-sided.
SELECT iif(is_total, 'all nodes', 'node') AS scope, node, rollout, from_time, until_time, deliveries, certain, possible,
    rate, rate_low, rate_high, p_value
FROM rollout_rates WHERE :node IS NULL OR node = :node ORDER BY is_total DESC, node, seq;
