-- The same to one of the identities ?6, a JSON list.
-- takes below INTEGER, most INTEGER, status, journey, channel, identities TEXT
-- gives rows of message_list
SELECT id, key, identity, journey, version, entry, step, channel, topic, status, rule, n_attempts, queued_ms, due_ms, sent_ms, reply,
       provider_id
FROM message WHERE id < ?1 AND (?3 = '' OR status = ?3) AND (?4 = '' OR journey = ?4) AND (?5 = '' OR channel = ?5)
  AND identity IN (SELECT value FROM json_each(?6))
ORDER BY id DESC LIMIT ?2;
