-- What waits for identity ?1.
-- takes identity
SELECT id, channel, topic FROM message WHERE identity = ?1 AND due_ms IS NOT NULL;
