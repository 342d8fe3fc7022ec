-- Silences in the logs: stretches without any delivery, or any fill, of a node in which there should have been some.
-- Parameters: least (optional): how many lines should have been there at least, 0 if not given.
-- Columns: node: empty where the log names none; log: deliveries or fills; from_time, until_time: the last line before and
--   the first after, UTC; seconds: how long; usual_lines: how many lines there should have been; basis: by what: the same hours
--   of other days, what other nodes had meanwhile, or, where neither is known, the node's mean interval.
SELECT node, log, from_time, until_time, seconds, usual_lines, basis FROM silences
WHERE usual_lines >= ifnull(:least, 0) ORDER BY seconds DESC, node, log, from_time;
