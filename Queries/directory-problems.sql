-- What is wrong with the tables of accounts, cameras and grants, or with how the logs and they fit together.
-- Parameters: none.
-- Columns: problem: two_owners (of a camera at one time), ownership_times or grant_times (two files give other times),
--   unreadable_time (of a row), grant_of_unlisted_camera, unlisted_camera (one that was asked for), unlisted_requester,
--   near_spelling (two accounts that differ by case, leading zeros or .0 alone); camera, account, other_account: whom it is about;
--   path, member, line and other_path, other_member, other_line: the rows; open_from, open_until: the time that is left open, or
--   what could be read of it.
SELECT problem, camera, account, other_account, path, member, line, other_path, other_member, other_line, open_from, open_until
FROM directory_problems ORDER BY place;
