-- The first ?3 messages of channel ?1 that are due at ?2, with the sealed key of whom they are for.
-- takes channel, due_ms INTEGER, most INTEGER
SELECT message.id, message.key, message.identity, journey, version, entry, step, topic, destination, n_attempts, queued_ms, expires_ms,
       sealed, profile.key AS customer_key
FROM message JOIN message_content USING (id) LEFT JOIN profile ON profile.identity = message.identity
WHERE channel = ?1 AND due_ms <= ?2 ORDER BY due_ms, message.id LIMIT ?3;
