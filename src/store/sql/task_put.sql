-- takes identity, journey, step, entry, words, reasons, created_ms
INSERT INTO task (identity, journey, step, entry, words, reasons, state, owner, created_ms, due_ms, done_ms, outcome)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'open', '', ?7, 0, 0, '');
