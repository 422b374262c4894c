-- What one customer is worth; columns as in the table.
-- takes identity, valued_ms, p_alive, expected_orders, expected_value_cents, rfm_group, cluster, stage, last_goal_day
INSERT OR REPLACE INTO valuation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);
