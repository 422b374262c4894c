-- What was sent to a person, and when.
-- takes identity
SELECT queued_ms, sent_ms, channel, topic, journey, step, status FROM message WHERE identity = ?1 ORDER BY id;
