-- What each source covers: from when until when, how many lines, and what is wrong with it.
-- Parameters: none.
-- Columns: path, member; state; profile; lines, accepted, ignored, rejected; first_time, last_time: UTC; reason.
SELECT path, member, state, profile, lines, accepted, ignored, rejected, first_time, last_time, reason
FROM sources ORDER BY path, member, sha256;
