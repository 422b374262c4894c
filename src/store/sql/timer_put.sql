-- A timer: kind, due_ms, who, data.
-- takes kind, due_ms, who, data
INSERT INTO timer (kind, due_ms, who, n, n_tries, data) VALUES (?1, ?2, ?3,
    (SELECT coalesce(max(n), 0) + 1 FROM timer WHERE kind = ?1 AND due_ms = ?2 AND who = ?3), 0, ?4);
