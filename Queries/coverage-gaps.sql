-- Gaps in the logs: stretches without deliveries or fills of a node where some were expected.
-- Parameters: least (optional): the minimum number of expected lines, 0 by default.
-- Columns: node: empty if the log names none; log: deliveries or fills; from_time, until_time: the last line before and
--   the first after, UTC; seconds: the length; usual_lines: the expected number of lines; basis: of that number: the same hours
--   of other days, the other nodes meanwhile, or, if neither is known, the node's mean interval.
SELECT node, log, from_time, until_time, seconds, usual_lines, basis FROM silences
WHERE usual_lines >= ifnull(:least, 0) ORDER BY seconds DESC, node, log, from_time;
