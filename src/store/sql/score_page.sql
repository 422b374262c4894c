-- Customers by falling expected loss (loss), answer (prediction) or value (value) to a question, those after a place: its
-- key and identity. Of a table not those whose label says that they have left already, but by value.
-- takes order TEXT, most INTEGER, skipped INTEGER, question, after_key REAL, after_identity INTEGER
-- gives key REAL
SELECT identity, as_of_ms, prediction, expected_value_cents, expected_loss_cents, rfm_group, stage, value_if_stays_cents, key
FROM (SELECT score.identity AS identity, as_of_ms, prediction, expected_value_cents, expected_loss_cents, rfm_group, stage,
             value_if_stays_cents, CAST(CASE ?1 WHEN 'loss' THEN expected_loss_cents
                                                WHEN 'value' THEN coalesce(expected_value_cents, 0) ELSE prediction END AS REAL) AS key
      FROM score LEFT JOIN valuation USING (identity)
      WHERE question = ?4 AND (?1 = 'value' OR (prediction IS NOT NULL AND ifnull(stage, '') <> 'left')))
WHERE key < ?5 OR (key = ?5 AND identity > ?6)
ORDER BY key DESC, identity
LIMIT ?2 OFFSET ?3;
