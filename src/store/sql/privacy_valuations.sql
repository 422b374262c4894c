-- What a person is worth, and the groups they are in.
-- takes identity
SELECT valued_ms, p_alive, expected_orders, expected_value_cents, rfm_group, cluster, stage,
       value_if_stays_cents, p_alive_pareto_nbd, expected_orders_pareto_nbd, dert
FROM valuation WHERE identity = ?1;
