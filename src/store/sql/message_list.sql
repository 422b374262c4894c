-- Messages below id ?1, newest first, at most ?2: of status ?3, journey ?4, channel ?5; '' for any.
-- takes below INTEGER, most INTEGER, status, journey, channel
SELECT id, key, identity, journey, version, entry, step, channel, topic, status, rule, n_attempts, queued_ms, due_ms, sent_ms, reply,
       provider_id
FROM message WHERE id < ?1 AND (?3 = '' OR status = ?3) AND (?4 = '' OR journey = ?4) AND (?5 = '' OR channel = ?5)
ORDER BY id DESC LIMIT ?2;
