-- Attributes that could be added to the keys of exposures, and what each would cost in hits.
-- Parameters: none.
-- Columns: attribute; separated: exposures with a frame that would have had another key than the request; exposures: all under a
--   key; hit_rate: of the deliveries under those keys, as logged; hit_rate_with: with the attribute in the key, replayed with
--   the lifetime that reproduces the logged rate.
SELECT attribute, separated, exposures, hit_rate, hit_rate_with FROM key_remedies ORDER BY place;
