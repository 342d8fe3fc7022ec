-- What came of each rollout after the one of the cause, on the path of the cause: is it fixed?
-- Parameters: none.
-- Columns: rollout; from_time: when it first began on a node, UTC; deliveries: on the path while it was in force; exposures:
--   of them; last_exposure; receivers: the accounts of those, each counted once in all the time and divided among the
--   rollouts by its exposures; receivers_low, receivers_high: the 95 % interval of that (Clopper and Pearson); expected: how
--   many accounts the cause's rate would have reached. Exposures may be what stale entries served: see residue-after-rollout.
SELECT rollout, from_time, deliveries, exposures, last_exposure, receivers, receivers_low, receivers_high, expected
FROM fixes ORDER BY place;
