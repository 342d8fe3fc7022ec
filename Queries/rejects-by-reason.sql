-- Unusable lines, by reason and source.
-- Parameters: none.
-- Columns: reason; path, member; lines: their number; first_line; sample: of the first.
SELECT reason, path, member, count(*) AS lines, min(line) AS first_line, sample
FROM rejects GROUP BY reason, path, member, sha256 ORDER BY lines DESC, reason, path, member, sha256;
