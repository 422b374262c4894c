-- All of channel ?1 for destination ?2 wait until ?3 at least.
-- takes channel, destination, due_ms INTEGER
UPDATE message SET due_ms = ?3 WHERE channel = ?1 AND destination = ?2 AND due_ms < ?3;
