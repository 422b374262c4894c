-- The newest answer of a customer.  What was expected to be lost moves in proportion.
-- takes identity, question, as_of_ms, prediction REAL NULL
INSERT INTO score (identity, question, as_of_ms, prediction, expected_loss_cents) VALUES (?1, ?2, ?3, ?4, 0)
ON CONFLICT (identity, question) DO UPDATE SET
    as_of_ms = excluded.as_of_ms,
    expected_loss_cents = CASE WHEN prediction > 0 THEN
        coalesce(CAST(round(expected_loss_cents * excluded.prediction / prediction) AS INTEGER), 0) ELSE 0 END,
    prediction = excluded.prediction;
