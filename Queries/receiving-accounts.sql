-- Accounts that received frames of others: how often, of how many owners, since when, until when.
-- Parameters: account (optional): only this account.
-- Columns: account; certain, possible: exposures by certainty; owners: the maximum number of accounts with frames that it received;
--   opened: thumbnails it opened; first_time, last_time: of its exposures, UTC.
SELECT e.requester AS account, count(DISTINCT iif(e.certainty = 'certain', e.event, NULL)) AS certain,
    count(DISTINCT iif(e.certainty = 'possible', e.event, NULL)) AS possible, count(DISTINCT c.owner) AS owners,
    count(DISTINCT iif(e.opened, e.event, NULL)) AS opened, min(e.time) AS first_time, max(e.time) AS last_time
FROM exposures e LEFT JOIN exposure_candidates c ON c.event = e.event
WHERE :account IS NULL OR e.requester = :account
GROUP BY e.requester ORDER BY certain DESC, possible DESC, account;
