-- A timer: kind, due_ms, who, data.
-- takes kind, due_ms, who, data
INSERT INTO timer (kind, due_ms, who, n_tries, data) VALUES (?1, ?2, ?3, 0, ?4);
