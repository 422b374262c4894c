-- Customers by falling expected loss ('loss'), prediction ('prediction') or value ('value'), ?2 of them after the first ?3.
-- takes order TEXT, most INTEGER, skipped INTEGER
SELECT identity, customer, as_of_ms, prediction, expected_value_cents, expected_loss_cents, segment, stage, reasons, question
FROM score WHERE prediction IS NOT NULL OR ?1 = 'value'
ORDER BY CASE ?1 WHEN 'loss' THEN expected_loss_cents WHEN 'value' THEN expected_value_cents ELSE prediction END DESC, identity
LIMIT ?2 OFFSET ?3;
