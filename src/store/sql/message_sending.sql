-- Message ?1 is on its way from now on.
-- takes id
UPDATE message SET status = 'sending', n_attempts = n_attempts + 1, due_ms = NULL WHERE id = ?1;
