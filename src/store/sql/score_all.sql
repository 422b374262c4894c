-- Every customer's scores, in order of identity.
SELECT identity, customer, as_of_ms, prediction, p_alive, expected_orders, expected_value_cents, expected_loss_cents,
       segment, cluster, stage, last_goal_day, reasons, question
FROM score ORDER BY identity;
