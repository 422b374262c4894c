-- Customers by falling expected loss ('loss'), answer ('prediction') or value ('value') to a question.
-- takes order TEXT, most INTEGER, skipped INTEGER, question
SELECT identity, as_of_ms, prediction, expected_value_cents, expected_loss_cents, rfm_group, stage,
       value_if_stays_cents
FROM score LEFT JOIN valuation USING (identity) WHERE question = ?4 AND (prediction IS NOT NULL OR ?1 = 'value')
ORDER BY CASE ?1 WHEN 'loss' THEN expected_loss_cents WHEN 'value' THEN expected_value_cents ELSE prediction END DESC, identity
LIMIT ?2 OFFSET ?3;
