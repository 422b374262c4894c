-- What became of message ?1: status, rule, due_ms, sent_ms, reply, provider_id.
-- takes id, status, rule, due_ms INTEGER NULL, sent_ms, reply, provider_id
UPDATE message SET status = ?2, rule = ?3, due_ms = ?4, sent_ms = max(sent_ms, ?5), reply = ?6,
                   provider_id = CASE ?7 WHEN '' THEN provider_id ELSE ?7 END
WHERE id = ?1;
