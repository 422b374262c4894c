-- Writes down what was recommended.
-- takes id TEXT, identity, at_ms, placement, model, answer
INSERT INTO recommendation (id, identity, at_ms, placement, model, answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
