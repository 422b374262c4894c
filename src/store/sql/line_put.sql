-- takes entry, identity, at_ms, step, outcome, rule, sentence, facts, message
INSERT INTO journey_line (entry, identity, at_ms, step, outcome, rule, sentence, facts, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);
