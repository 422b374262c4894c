-- The scores of identity ?1.
-- takes identity
SELECT as_of_ms, question, prediction, p_alive, expected_orders, expected_value_cents, expected_loss_cents,
       segment, cluster, stage, reasons
FROM score WHERE identity = ?1;
