-- Problems in the tables of accounts, cameras and grants, or between the tables and the logs.
-- Parameters: none.
-- Columns: problem: two_owners (of a camera at one time), ownership_times or grant_times (two files give different times),
--   unreadable_time (of a row), grant_of_unlisted_camera, unlisted_camera (requested), unlisted_requester,
--   near_spelling (two accounts that differ only by case, leading zeros or .0); camera, account, other_account: the subject;
--   path, member, line and other_path, other_member, other_line: the rows; open_from, open_until: the time that is left open, or
--   its readable part.
SELECT problem, camera, account, other_account, path, member, line, other_path, other_member, other_line, open_from, open_until
FROM directory_problems ORDER BY place;
