-- Exposures per client (integration, app), beside all its deliveries.
-- Parameters: none.
-- Columns: client: empty if the log names none; deliveries: with a frame; certain, possible: exposures;
--   percent: certain exposures of all deliveries.
WITH all_deliveries AS (
    SELECT x.client, sum(t.deliveries) AS deliveries FROM tally t JOIN circumstance x ON x.id = t.circumstance
    WHERE x.content = 0 GROUP BY x.client)
SELECT (SELECT text FROM name WHERE id = a.client) AS client, a.deliveries, sum(ifnull(e.certainty = 'certain', 0)) AS certain,
    sum(ifnull(e.certainty = 'possible', 0)) AS possible,
    round(100.0 * sum(ifnull(e.certainty = 'certain', 0)) / a.deliveries, 3) AS percent
FROM all_deliveries a
    LEFT JOIN (
        SELECT e.certainty, x.client FROM exposure e JOIN delivery d ON d.id = e.delivery
            JOIN circumstance x ON x.id = d.circumstance
        WHERE e.is_redisplay = 0) e ON e.client IS a.client
GROUP BY a.client ORDER BY certain DESC, possible DESC, 1;
