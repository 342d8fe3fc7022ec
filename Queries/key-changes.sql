-- What cache keys hold of the request, by rollout and node; those under which frames strayed first.
-- Parameters: node (optional): only this node.
-- Columns: rollout: in force at delivery, empty before the first; node; template: the keys with their numbers as {n}; shape:
--   with what those follow from, as snap/{camera}/latest; holds: the attributes that a key tells; keys: how many of the
--   template there are in all; deliveries: under them; on_path: those that meet what the cause asks of a request, whenever;
--   exposures; exposed_keys: the keys of those; cameras: whose frames strayed.
SELECT rollout, node, template, shape, holds, keys, deliveries, on_path, exposures, exposed_keys, cameras
FROM key_changes WHERE :node IS NULL OR node = :node ORDER BY place;
