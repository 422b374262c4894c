-- One decision; columns as in the table.
-- takes id, identity, at_ms, placement, action, propensity, policy, answer, question, trained_ms, features, window TEXT NULL, rule TEXT NULL
INSERT INTO decision (id, identity, at_ms, placement, action, propensity, policy, answer, question, trained_ms, features, window, rule)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13);
