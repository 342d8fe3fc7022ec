-- Silences in the logs: stretches without any delivery, or any fill, of a node, far longer than is usual there.
-- Parameters: factor (optional): how many times the node's mean interval, 100 if not given, 10 at least.
-- Columns: node: empty where the log names none; log: deliveries or fills; from_time, until_time: the last line before and
--   the first after, UTC; seconds: how long; usual_seconds: the mean interval; usual_lines: how many lines there would have
--   been at that rhythm.
SELECT node, log, from_time, until_time, seconds, usual_seconds, usual_lines FROM silences
WHERE seconds > ifnull(:factor, 100) * usual_seconds ORDER BY seconds DESC, node, log, from_time;
