-- What explains the exposures: the conditions under which they are frequent, the cause first.
-- Parameters: limit (optional): how many conditions at most, 100 if not given.
-- Columns: rank; conditions: all of them must hold; deliveries, exposures: under them; rate_inside, rate_outside: exposures
--   of deliveries, under the conditions and elsewhere; rate_outside_at_most: at 95 %, if no exposure is elsewhere; receivers,
--   receivers_outside: accounts that received them, under the conditions and elsewhere; risk_ratio, risk_ratio_low,
--   risk_ratio_high: of accounts, each counted once, with its interval, empty if no exposure is elsewhere; p_adjusted: the
--   chance of such a difference, times the conjunctions tried; same_as: conditions that this dump cannot tell from these.
SELECT rank, conditions, deliveries, exposures, rate_inside, rate_outside, rate_outside_at_most, receivers, receivers_outside,
    risk_ratio, risk_ratio_low, risk_ratio_high, p_adjusted, same_as
FROM conditions ORDER BY rank LIMIT ifnull(:limit, 100);
