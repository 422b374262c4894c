-- Every customer's value and groups with their answer to a question, in order of identity.
-- takes question
SELECT identity, as_of_ms, prediction, p_alive, expected_orders, expected_value_cents, expected_loss_cents, rfm_group, cluster, stage,
       last_goal_day, value_if_stays_cents, p_alive_pareto_nbd, expected_orders_pareto_nbd, dert
FROM score LEFT JOIN valuation USING (identity) WHERE question = ?1 ORDER BY identity;
