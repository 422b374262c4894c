-- What one customer is worth; columns as in the table.
-- takes identity, valued_ms, p_alive, expected_orders, expected_value_cents, rfm_group, cluster, stage, last_goal_day, value_if_stays_cents, p_alive_pareto_nbd, expected_orders_pareto_nbd, dert
INSERT OR REPLACE INTO valuation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13);
