-- What waits of entry ?2 of journey ?1 is not sent, by rule ?3.
-- takes journey, entry, rule
UPDATE message SET status = 'cancelled', rule = ?3, due_ms = NULL WHERE journey = ?1 AND entry = ?2 AND due_ms IS NOT NULL;
