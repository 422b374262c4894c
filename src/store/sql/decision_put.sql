-- One decision; columns as in the table.
-- takes id, identity, at_ms, placement, action, propensity, policy, answer, question, trained_ms, features
INSERT INTO decision VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);
