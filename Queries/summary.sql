-- The counts of the case, each with its lower and upper bound.
-- Parameters: none.
-- Columns: what: the thing counted; certain: proved; possible: at most this many more; note: the meaning of the figure.
SELECT 'exposures' AS what, count(*) FILTER (WHERE certainty = 'certain') AS certain,
    count(*) FILTER (WHERE certainty = 'possible') AS possible,
    'deliveries to an account without a right to the frame' AS note FROM exposures
UNION ALL
SELECT 'exposed accounts', count(DISTINCT iif(certainty = 'certain' AND owners = 1, owner, NULL)),
    (SELECT count(*) FROM (
        SELECT owner FROM exposure_candidates WHERE is_redisplay = 0
        EXCEPT SELECT owner FROM exposures WHERE certainty = 'certain' AND owners = 1)),
    'owners of a frame that reached somebody else' FROM exposures
UNION ALL
SELECT 'exposures of unnamed owners', 0, ifnull(sum(unnamed_owner), 0),
    'exposures of a frame that may be of an owner whom no line names: up to one more exposed account each' FROM exposures
UNION ALL
SELECT 'receiving accounts', count(DISTINCT iif(certainty = 'certain', requester, NULL)),
    (SELECT count(*) FROM (
        SELECT requester FROM exposures EXCEPT SELECT requester FROM exposures WHERE certainty = 'certain')),
    'accounts that received a frame of somebody else' FROM exposures
UNION ALL
SELECT 'affected accounts', (SELECT count(*) FROM affected_accounts), 0, 'accounts with a delivery inside the scope'
UNION ALL
SELECT 'redisplays', count(*) FILTER (WHERE certainty = 'certain'), count(*) FILTER (WHERE certainty = 'possible'),
    '304 answers that showed such a frame again' FROM redisplays
UNION ALL
SELECT 'unresolved deliveries', 0, (SELECT count(*) FROM unresolved_deliveries), 'deliveries whose frame is not known'
UNION ALL
SELECT 'not all read', NULL, NULL, 'the ingest was interrupted: these counts are too low'
FROM correlation WHERE what = 'incomplete';
