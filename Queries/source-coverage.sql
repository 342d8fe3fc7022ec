-- The time that each source covers, its number of lines, and its problems.
-- Parameters: none.
-- Columns: path, member; state; profile; lines, accepted, ignored, rejected; first_time, last_time: UTC; reason.
SELECT path, member, state, profile, lines, accepted, ignored, rejected, first_time, last_time, reason
FROM sources ORDER BY path, member, sha256;
