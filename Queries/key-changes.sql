-- The attributes of the request that cache keys hold, by rollout and node; keys with exposures first.
-- Parameters: node (optional): only this node.
-- Columns: rollout: in force at delivery, empty before the first; node; template: the keys with their numbers as {n}; shape:
--   the template with attributes, such as snap/{camera}/latest; holds: the attributes that a key holds; keys: the number of
--   keys of the template; deliveries: under them; on_path: those that meet the cause's conditions on the request, at any time;
--   exposures; exposed_keys: the keys of those; cameras: with strayed frames.
SELECT rollout, node, template, shape, holds, keys, deliveries, on_path, exposures, exposed_keys, cameras
FROM key_changes WHERE :node IS NULL OR node = :node ORDER BY place;
