-- Who was exposed to whom.
-- Parameters: owner (optional), requester (optional): only this account on that side.
-- Columns: owner: of the frames; requester: their receiver; relation; certain, possible: exposures by certainty;
--   cameras: the number of the owner's cameras; first_time, last_time: UTC; first_id: an exposure for 'explain'.
SELECT c.owner, c.requester, c.relation, sum(c.certainty = 'certain' AND e.owners = 1) AS certain,
    sum(NOT (c.certainty = 'certain' AND e.owners = 1)) AS possible, count(DISTINCT c.camera) AS cameras,
    min(e.time) AS first_time, max(e.time) AS last_time, min(e.id) AS first_id
FROM exposure_candidates c JOIN exposures e ON e.event = c.event
WHERE c.is_redisplay = 0 AND (:owner IS NULL OR c.owner = :owner) AND (:requester IS NULL OR c.requester = :requester)
GROUP BY c.owner, c.requester, c.relation ORDER BY certain DESC, possible DESC, c.owner, c.requester, c.relation;
