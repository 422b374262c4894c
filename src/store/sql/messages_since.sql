-- What went, or will go, to somebody since an instant.
-- takes identity, since_ms INTEGER
-- gives at_ms INTEGER
SELECT channel, topic, max(queued_ms, sent_ms) AS at_ms FROM message
WHERE identity = ?1 AND status NOT IN ('cancelled', 'dead') AND max(queued_ms, sent_ms) >= ?2;
