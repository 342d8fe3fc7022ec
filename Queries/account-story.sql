-- One account's story in order of time: frames of others that it received, and its frames that others received.
-- Parameters: account (required).
-- Columns: time: UTC; role: received or exposed; other: the account on the other side; camera: of the frame; certainty;
--   relation; evidence; node; id: for 'explain'.
SELECT e.time, 'received' AS role, c.owner AS other, c.camera, e.certainty, c.relation, e.evidence, e.node, e.id
FROM exposures e LEFT JOIN exposure_candidates c ON c.event = e.event WHERE e.requester = :account
UNION ALL
SELECT e.time, 'exposed', e.requester, c.camera, iif(e.owners = 1, e.certainty, 'possible'), c.relation, e.evidence, e.node, e.id
FROM exposure_candidates c JOIN exposures e ON e.event = c.event WHERE c.owner = :account
ORDER BY 1, 2, 3, 9;
