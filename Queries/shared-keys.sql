-- The cache keys of a node under which frames of several owners were filled between two purges: where frames can stray.
-- Parameters: limit (optional): how many keys at most, 100 if not given.
-- Columns: node, key; owners, cameras, fills: how many; first_time, last_time: of the fills, UTC; since, since_fill: when
--   the second owner's frame was first filled, UTC, and the line; certain, possible: exposures under that key.
SELECT node, key, owners, cameras, fills, first_time, last_time, since, since_fill, exposures_certain AS certain,
    exposures_possible AS possible
FROM collisions ORDER BY owners DESC, fills DESC, key, node LIMIT ifnull(:limit, 100);
