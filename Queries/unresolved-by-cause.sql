-- Deliveries with an unknown frame, by cause, node and the cache's verdict.
-- Parameters: none.
-- Columns: cause; node; cache_word: the cache's own word; deliveries; accounts: requesters; first_time, last_time: UTC;
--   first_id: one of them.
SELECT cause, node, cache_word, count(*) AS deliveries, count(DISTINCT requester) AS accounts, min(time) AS first_time,
    max(time) AS last_time, min(id) AS first_id
FROM unresolved_deliveries GROUP BY cause, node, cache_word ORDER BY deliveries DESC, cause, node, cache_word;
