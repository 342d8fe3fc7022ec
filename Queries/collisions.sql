-- Kinds of cache keys with frames of several owners, and since when, whether or not anybody was exposed.
-- Parameters: limit (optional): the maximum number of kinds, 100 by default.
-- Columns: template: of the keys, {n} for the parts that vary; rollout, version: in force, and stated by the line, when a second
--   owner's frame was first filled; nodes, keys: their number; owners_at_most: under one key of a node; fills;
--   certain, possible: exposures under those keys; since: UTC; first_node, first_key, since_fill: the first place and line.
WITH placed AS (
    SELECT *, row_number() OVER (PARTITION BY template, rollout, version ORDER BY since_ts, node, key) AS place
    FROM collisions)
SELECT template, rollout, version, count(DISTINCT ifnull(node, '')) AS nodes, count(DISTINCT key) AS keys,
    max(owners) AS owners_at_most, sum(fills) AS fills, sum(exposures_certain) AS certain,
    sum(exposures_possible) AS possible, min(since) AS since, max(iif(place = 1, node, NULL)) AS first_node,
    max(iif(place = 1, key, NULL)) AS first_key, max(iif(place = 1, since_fill, NULL)) AS since_fill
FROM placed GROUP BY template, rollout, version ORDER BY since, template, rollout, version LIMIT ifnull(:limit, 100);
