-- One customer's answer to one question.
-- takes identity, question, as_of_ms, prediction REAL NULL, expected_loss_cents, reasons TEXT NULL
INSERT OR REPLACE INTO score VALUES (?1, ?2, ?3, ?4, ?5, ?6);
