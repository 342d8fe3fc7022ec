-- Exposures per hour.
-- Parameters: node (optional): only this node.
-- Columns: hour: its beginning, UTC; certain, possible: exposures; owners, receivers: accounts of the certain ones.
SELECT substr(time, 1, 13) || ':00:00Z' AS hour, sum(certainty = 'certain') AS certain,
    sum(certainty = 'possible') AS possible, count(DISTINCT iif(certainty = 'certain', owner, NULL)) AS owners,
    count(DISTINCT iif(certainty = 'certain', requester, NULL)) AS receivers
FROM exposures WHERE :node IS NULL OR node = :node GROUP BY hour ORDER BY hour;
