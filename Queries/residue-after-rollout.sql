-- Exposures after a fix: delivered under one rollout, with frames that an earlier rollout had filled.
-- Parameters: rollout (optional): only deliveries under this one.
-- Columns: rollout_at_delivery, rollout_at_fill; certain, possible: exposures; first_time, last_time: UTC;
--   seconds: from the rollout's beginning to the last such delivery.
SELECT e.rollout_at_delivery, e.rollout_at_fill, sum(e.certainty = 'certain') AS certain,
    sum(e.certainty = 'possible') AS possible, min(e.time) AS first_time, max(e.time) AS last_time,
    round((max(e.ts) - (SELECT max(r.ts) FROM rollouts r WHERE r.rollout = e.rollout_at_delivery AND r.ts <= min(e.ts)))
        / 1e6, 3) AS seconds
FROM exposures e
WHERE e.rollout_at_fill IS NOT e.rollout_at_delivery AND (:rollout IS NULL OR e.rollout_at_delivery = :rollout)
GROUP BY e.rollout_at_delivery, e.rollout_at_fill ORDER BY first_time, e.rollout_at_delivery, e.rollout_at_fill;
