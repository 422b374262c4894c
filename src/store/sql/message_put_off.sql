-- Message ?1 waits until ?2.
-- takes id, due_ms INTEGER
UPDATE message SET due_ms = ?2 WHERE id = ?1;
