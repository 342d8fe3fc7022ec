-- The assumptions behind the counts, and how the dump supports each.
-- Parameters: none.
-- Columns: assumption: its name; status: held, contradicted (verdicts that rest on it are no longer certain), untestable (the
--   dump cannot decide it), unused (no count rests on it) or stated (by the operator); checked, against: the number of lines,
--   keys or names that were tested, and that contradict it; detail: the result; statement: the assumption.
SELECT assumption, status, checked, against, detail, statement FROM assumptions ORDER BY place;
