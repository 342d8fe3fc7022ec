-- Exposures to accounts that once had a right: ended grants and resold cameras. No cache key explains them.
-- Parameters: none.
-- Columns: relation; owner, requester; camera: of the frame; certain, possible: exposures; first_time, last_time: UTC.
SELECT c.relation, c.owner, c.requester, c.camera, sum(e.certainty = 'certain') AS certain,
    sum(e.certainty = 'possible') AS possible, min(e.time) AS first_time, max(e.time) AS last_time
FROM exposure_candidates c JOIN exposures e ON e.event = c.event
WHERE c.is_redisplay = 0 AND c.relation <> 'stranger'
GROUP BY c.relation, c.owner, c.requester, c.camera ORDER BY c.relation, certain DESC, c.owner, c.requester, c.camera;
