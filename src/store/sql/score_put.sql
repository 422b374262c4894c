-- One customer's scores as of one instant; columns as in the table.
-- takes identity, customer, as_of_ms, prediction, p_alive, expected_orders, expected_value_cents, expected_loss_cents, segment, cluster, stage, last_goal_day, reasons, question
INSERT OR REPLACE INTO score VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14);
