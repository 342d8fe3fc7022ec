-- Exposures per network grade, beside all its deliveries.
-- Parameters: none.
-- Columns: network: empty if the log names none; deliveries: with a frame; certain, possible: exposures;
--   percent: certain exposures of all deliveries.
WITH all_deliveries AS (
    SELECT x.network, sum(t.deliveries) AS deliveries FROM tally t JOIN circumstance x ON x.id = t.circumstance
    WHERE x.content = 0 GROUP BY x.network)
SELECT (SELECT text FROM name WHERE id = a.network) AS network, a.deliveries, sum(ifnull(e.certainty = 'certain', 0)) AS certain,
    sum(ifnull(e.certainty = 'possible', 0)) AS possible,
    round(100.0 * sum(ifnull(e.certainty = 'certain', 0)) / a.deliveries, 3) AS percent
FROM all_deliveries a
    LEFT JOIN (
        SELECT e.certainty, x.network FROM exposure e JOIN delivery d ON d.id = e.delivery
            JOIN circumstance x ON x.id = d.circumstance
        WHERE e.is_redisplay = 0) e ON e.network IS a.network
GROUP BY a.network ORDER BY certain DESC, possible DESC, 1;
