-- A message; nothing where there is one of its key.
-- takes key, identity, journey, version, entry, step, channel, topic, destination, queued_ms, due_ms INTEGER, expires_ms
INSERT INTO message (key, identity, journey, version, entry, step, channel, topic, destination, status, rule, n_attempts,
                     queued_ms, due_ms, expires_ms, sent_ms, reply, provider_id)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'queued', '', 0, ?10, ?11, ?12, 0, '', '')
ON CONFLICT (key) DO NOTHING RETURNING id;
