-- What could be added to the keys under which frames strayed, and what it would cost.
-- Parameters: none.
-- Columns: attribute; separated: exposures whose frame would have had another key than the request; exposures: all under a
--   key; hit_rate: of the deliveries under those keys, as logged; hit_rate_with: with the attribute in the key, replayed with
--   the lifetime that gives the logged one.
SELECT attribute, separated, exposures, hit_rate, hit_rate_with FROM key_remedies ORDER BY place;
