-- By how much each clock of the dump is ahead of the reference, and how far that may be wrong.
-- Parameters: none.
-- Columns: clock: a node, or a log that names none; basis: reference, proved (no request contradicts it), likely (some
--   do, or an assumption narrows it) or assumed (nothing ties it); corrected: whether times were corrected by it;
--   offset_low_s, offset_high_s: seconds, apart if it drifts; bound_s: the largest error of a correction;
--   samples, rejected: requests logged on both sides that tie it, and that contradict them.
SELECT clock, basis, iif(is_corrected, 'yes', 'no') AS corrected, offset_low_s, offset_high_s, bound_s, samples, rejected
FROM clocks ORDER BY clock;
