-- Timer ?1 failed and is tried again at ?2.
-- takes id, due_ms
UPDATE timer SET due_ms = ?2, n_tries = n_tries + 1 WHERE id = ?1;
