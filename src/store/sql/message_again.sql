-- Message ?1 is sent again from ?2 on, where it is dead, in doubt or was cancelled.
-- takes id, due_ms INTEGER
UPDATE message SET status = 'queued', rule = '', due_ms = ?2, n_attempts = 0, expires_ms = 0
WHERE id = ?1 AND status IN ('dead', 'unknown', 'cancelled') RETURNING id;
