-- What a person is worth, and the groups they are in.
-- takes identity
SELECT valued_ms, p_alive, expected_orders, expected_value_cents, rfm_group, cluster, stage FROM valuation WHERE identity = ?1;
