-- Exposures by the rollouts in force when the frames were filled and delivered.
-- Parameters: none.
-- Columns: rollout_at_fill, rollout_at_delivery: empty if unknown; certain, possible: exposures;
--   first_time, last_time: of the deliveries, UTC.
SELECT rollout_at_fill, rollout_at_delivery, sum(certainty = 'certain') AS certain, sum(certainty = 'possible') AS possible,
    min(time) AS first_time, max(time) AS last_time
FROM exposures GROUP BY rollout_at_fill, rollout_at_delivery ORDER BY first_time, rollout_at_fill, rollout_at_delivery;
