-- The first ?3 timers of kind ?1 that are due at ?2.
-- takes kind, due_ms, most INTEGER
SELECT due_ms, who, n, n_tries, data FROM timer WHERE kind = ?1 AND due_ms <= ?2 ORDER BY due_ms, who, n LIMIT ?3;
