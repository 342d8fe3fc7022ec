-- The conditions that explain the exposures, the cause first.
-- Parameters: limit (optional): the maximum number of conditions, 100 by default.
-- Columns: rank; conditions: all of them must hold; deliveries, exposures: under them; rate_inside, rate_outside: exposures
--   per delivery, under the conditions and elsewhere; rate_outside_at_most: at 95 %, if no exposure is elsewhere; receivers,
--   receivers_outside: receiving accounts, under the conditions and elsewhere; risk_ratio, risk_ratio_low,
--   risk_ratio_high: of accounts, each counted once, with its interval, empty if no exposure is elsewhere; p_adjusted: the
--   p-value times the number of conjunctions tested; same_as: conditions that this dump cannot distinguish from these.
SELECT rank, conditions, deliveries, exposures, rate_inside, rate_outside, rate_outside_at_most, receivers, receivers_outside,
    risk_ratio, risk_ratio_low, risk_ratio_high, p_adjusted, same_as
FROM conditions ORDER BY rank LIMIT ifnull(:limit, 100);
