-- Customers by falling expected loss (loss), answer (prediction) or value (value) to a question; of a table not those whose
-- label says that they have left already, but by value.
-- takes order TEXT, most INTEGER, skipped INTEGER, question
SELECT identity, as_of_ms, prediction, expected_value_cents, expected_loss_cents, rfm_group, stage,
       value_if_stays_cents
FROM score LEFT JOIN valuation USING (identity)
WHERE question = ?4 AND (?1 = 'value' OR (prediction IS NOT NULL AND ifnull(stage, '') <> 'left'))
ORDER BY CASE ?1 WHEN 'loss' THEN expected_loss_cents WHEN 'value' THEN expected_value_cents ELSE prediction END DESC, identity
LIMIT ?2 OFFSET ?3;
