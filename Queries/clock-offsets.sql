-- The offset of each clock from the reference, and the largest error of that estimate.
-- Parameters: none.
-- Columns: clock: a node, or a log that names none; basis: reference, proved (no request contradicts it), likely (some
--   do, or an assumption narrows it) or assumed (it cannot be estimated); corrected: whether times were corrected by it;
--   offset_low_s, offset_high_s: seconds, different if the clock drifts; bound_s: the largest error of a correction;
--   samples, rejected: requests logged on both sides that support it, and that contradict it.
SELECT clock, basis, iif(is_corrected, 'yes', 'no') AS corrected, offset_low_s, offset_high_s, bound_s, samples, rejected
FROM clocks ORDER BY clock;
