-- What the counts rest on, and what the dump answers about it.
-- Parameters: none.
-- Columns: assumption: its name; status: held, contradicted (what rests on it has lost its certainty), untestable (the
--   dump cannot tell), unused (nothing rests on it) or stated (by the operator); checked, against: the lines, keys or names
--   that were asked, and those that speak against it; detail: the answer; statement: what is assumed.
SELECT assumption, status, checked, against, detail, statement FROM assumptions ORDER BY place;
