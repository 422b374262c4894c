-- Tasks of a state ('': any) and owner ('': anybody), the oldest first.
-- takes state, owner, most INTEGER
SELECT id, identity, journey, step, entry, words, reasons, state, owner, created_ms, due_ms, done_ms, outcome FROM task
WHERE (?1 = '' OR state = ?1) AND (?2 = '' OR owner = ?2) ORDER BY created_ms, id LIMIT ?3;
