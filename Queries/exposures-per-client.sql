-- Which clients (integrations, apps) received the exposures, beside all that they were delivered.
-- Parameters: none.
-- Columns: client: empty where the log names none; deliveries: with a frame; certain, possible: exposures;
--   percent: certain exposures of all deliveries.
WITH all_deliveries AS (
    SELECT client, count(*) AS deliveries FROM delivery
    WHERE (status IS NULL OR status IN (200, 206)) AND (bytes IS NULL OR bytes <> 0) GROUP BY client)
SELECT (SELECT text FROM name WHERE id = a.client) AS client, a.deliveries, sum(ifnull(e.certainty = 'certain', 0)) AS certain,
    sum(ifnull(e.certainty = 'possible', 0)) AS possible,
    round(100.0 * sum(ifnull(e.certainty = 'certain', 0)) / a.deliveries, 3) AS percent
FROM all_deliveries a
    LEFT JOIN (SELECT x.certainty, d.client FROM exposure x JOIN delivery d ON d.id = x.delivery WHERE x.is_redisplay = 0) e
    ON e.client IS a.client
GROUP BY a.client ORDER BY certain DESC, possible DESC, 1;
