-- Customers by falling expected loss (loss), answer (prediction), value if they stay (stays) or value (value) to a question,
-- those after a place: its key and identity. Where no loss is known of anybody, the likeliest come first. Of a table not
-- those whose label says that they have left already, but by value.
-- Only keys are put in order; what else is told is looked up row by row, in that order, for the few that are read.
-- takes order TEXT, most INTEGER, skipped INTEGER, question, after_key REAL, after_identity INTEGER
-- gives key REAL
SELECT picked.identity AS identity, as_of_ms, prediction, expected_value_cents, expected_loss_cents, rfm_group, stage,
       value_if_stays_cents, key
FROM (SELECT identity, key
      FROM (SELECT score.identity AS identity,
                   CAST(CASE WHEN ?1 = 'loss' AND EXISTS (SELECT 1 FROM score WHERE question = ?4
                                                          AND expected_loss_cents > 0)
                             THEN expected_loss_cents
                             WHEN ?1 = 'stays' THEN coalesce(value_if_stays_cents, 0)
                             WHEN ?1 = 'value' THEN coalesce(expected_value_cents, 0)
                             ELSE prediction END AS REAL) AS key
            FROM score LEFT JOIN valuation USING (identity)
            WHERE question = ?4 AND (?1 = 'value' OR (prediction IS NOT NULL AND ifnull(stage, '') <> 'left')))
      WHERE key < ?5 OR (key = ?5 AND identity > ?6)
      ORDER BY key DESC, identity
      LIMIT ?2 OFFSET ?3) AS picked
CROSS JOIN score ON score.identity = picked.identity AND score.question = ?4
LEFT JOIN valuation ON valuation.identity = picked.identity;
