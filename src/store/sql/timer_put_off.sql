-- The timer that failed is tried again at ?5.
-- takes kind, due_ms, who, n, again_ms INTEGER
UPDATE timer SET due_ms = ?5, n_tries = n_tries + 1,
    n = (SELECT coalesce(max(n), 0) + 1 FROM timer WHERE kind = ?1 AND due_ms = ?5 AND who = ?3)
WHERE kind = ?1 AND due_ms = ?2 AND who = ?3 AND n = ?4;
