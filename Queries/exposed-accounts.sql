-- Accounts with frames that reached others: how often, how many others, since when, until when.
-- Parameters: account (optional): only this account.
-- Columns: account; certain, possible: exposures by certainty; receivers: accounts that received one of its frames;
--   first_time, last_time: of its exposures, UTC.
SELECT c.owner AS account, sum(c.certainty = 'certain' AND e.owners = 1) AS certain,
    sum(NOT (c.certainty = 'certain' AND e.owners = 1)) AS possible, count(DISTINCT c.requester) AS receivers,
    min(e.time) AS first_time, max(e.time) AS last_time
FROM exposure_candidates c JOIN exposures e ON e.event = c.event
WHERE c.is_redisplay = 0 AND (:account IS NULL OR c.owner = :account)
GROUP BY c.owner ORDER BY certain DESC, possible DESC, account;
