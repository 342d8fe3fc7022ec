-- Exposures on the path of the cause under each later rollout: is it fixed?
-- Parameters: none.
-- Columns: rollout; from_time: when it first began on a node, UTC; deliveries: on the path while it was in force; exposures:
--   of them; last_exposure; receivers: their accounts, each counted once in all the time and divided among the
--   rollouts by its exposures; receivers_low, receivers_high: its 95 % interval (Clopper and Pearson); expected: the number of
--   accounts at the cause's rate. Stale entries may have served the exposures: see residue-after-rollout.
SELECT rollout, from_time, deliveries, exposures, last_exposure, receivers, receivers_low, receivers_high, expected
FROM fixes ORDER BY place;
