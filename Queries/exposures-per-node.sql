-- Exposures per node, beside all its deliveries.
-- Parameters: none.
-- Columns: node: empty if the log names none; deliveries: with a frame; certain, possible: exposures;
--   percent: certain exposures of all deliveries.
WITH all_deliveries AS (
    SELECT x.node, sum(t.deliveries) AS deliveries FROM tally t JOIN circumstance x ON x.id = t.circumstance
    WHERE x.content = 0 GROUP BY x.node)
SELECT (SELECT text FROM name WHERE id = a.node) AS node, a.deliveries, sum(ifnull(e.certainty = 'certain', 0)) AS certain,
    sum(ifnull(e.certainty = 'possible', 0)) AS possible,
    round(100.0 * sum(ifnull(e.certainty = 'certain', 0)) / a.deliveries, 3) AS percent
FROM all_deliveries a
    LEFT JOIN (
        SELECT e.certainty, x.node FROM exposure e JOIN delivery d ON d.id = e.delivery
            JOIN circumstance x ON x.id = d.circumstance
        WHERE e.is_redisplay = 0) e ON e.node IS a.node
GROUP BY a.node ORDER BY certain DESC, possible DESC, 1;
