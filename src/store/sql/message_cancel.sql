-- Message ?1 is not sent, by rule ?2, if it still waits.
-- takes id, rule
UPDATE message SET status = 'cancelled', rule = ?2, due_ms = NULL WHERE id = ?1 AND due_ms IS NOT NULL;
