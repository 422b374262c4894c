-- What everybody is worth, in order of identity.
SELECT identity, valued_ms, p_alive, expected_value_cents, rfm_group, cluster, stage FROM valuation ORDER BY identity;
