-- Message ?1.
-- takes id
-- gives rows of message_list
SELECT id, key, identity, journey, version, entry, step, channel, topic, status, rule, n_attempts, queued_ms, due_ms, sent_ms, reply,
       provider_id
FROM message WHERE id = ?1;
