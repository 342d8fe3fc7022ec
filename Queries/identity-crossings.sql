-- Sessions that changed hands: requests in an account's name from an account that had seen its frames.
-- Parameters: none.
-- Columns: account: in whose name; other_account: the user of the session, address or device (trait; digest distinguishes them);
--   since, until: of the first and the last of its deliveries, none of which is certain for either account; strayed: when the
--   other account was first shown a frame of the first; deliveries: their number; first_id, path, member, line: the first one.
SELECT account, other_account, trait, digest, since, until, strayed, deliveries, first_id, path, member, line
FROM identity_crossings ORDER BY place;
