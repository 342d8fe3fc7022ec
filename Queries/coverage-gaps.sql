-- Silences in the logs: stretches without any delivery of a node, far longer than is usual there.
-- Parameters: factor (optional): how many times the node's mean interval, 100 if not given, 10 at least.
-- Columns: node: empty where the log names none; from_time, until_time: the last delivery before and the first after,
--   UTC; seconds: how long; usual_seconds: the node's mean interval.
SELECT node, from_time, until_time, seconds, usual_seconds FROM silences
WHERE seconds > ifnull(:factor, 100) * usual_seconds ORDER BY seconds DESC, node, from_time;
