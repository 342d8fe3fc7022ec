-- Sessions that changed hands: requests in an account's name from another that had been shown its frames.
-- Parameters: none.
-- Columns: account: in whose name; other_account: from whose session, address or device (trait; digest tells one from another);
--   since, until: of the first and the last of its deliveries, of which nothing is certain for either account; strayed: when the
--   other account was first shown a frame of the first; deliveries: how many; first_id, path, member, line: the first of them.
SELECT account, other_account, trait, digest, since, until, strayed, deliveries, first_id, path, member, line
FROM identity_crossings ORDER BY place;
