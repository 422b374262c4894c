-- One customer's answer to one question.
-- takes identity, question, as_of_ms, prediction REAL NULL, expected_loss_cents
INSERT OR REPLACE INTO score VALUES (?1, ?2, ?3, ?4, ?5);
