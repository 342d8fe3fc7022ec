-- Cache keys of a node with frames of several owners between two purges: places where frames can stray.
-- Parameters: limit (optional): the maximum number of keys, 100 by default.
-- Columns: node, key; owners, cameras, fills: their number; first_time, last_time: of the fills, UTC; since, since_fill: when
--   the second owner's frame was first filled, UTC, and the line; certain, possible: exposures under that key.
SELECT node, key, owners, cameras, fills, first_time, last_time, since, since_fill, exposures_certain AS certain,
    exposures_possible AS possible
FROM collisions ORDER BY owners DESC, fills DESC, key, node LIMIT ifnull(:limit, 100);
