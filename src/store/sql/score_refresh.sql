-- The newest prediction of a customer: identity, customer, as_of_ms, prediction, question.  What was expected
-- to be lost moves in proportion; reasons of another question go.
-- takes identity, customer, as_of_ms, prediction REAL, question
INSERT INTO score (identity, customer, as_of_ms, prediction, expected_value_cents, expected_loss_cents, question)
VALUES (?1, ?2, ?3, ?4, 0, 0, ?5)
ON CONFLICT (identity) DO UPDATE SET
    as_of_ms = excluded.as_of_ms,
    expected_loss_cents = CASE WHEN question = excluded.question AND prediction > 0 THEN
        coalesce(CAST(round(expected_loss_cents * excluded.prediction / prediction) AS INTEGER), 0) ELSE 0 END,
    reasons = CASE WHEN question = excluded.question THEN reasons END,
    prediction = excluded.prediction,
    question = excluded.question;
