-- takes id, state, owner, due_ms, done_ms, outcome
UPDATE task SET state = ?2, owner = ?3, due_ms = ?4, done_ms = ?5, outcome = ?6 WHERE id = ?1;
