-- A timer fires.
-- takes kind, due_ms, who, n
DELETE FROM timer WHERE kind = ?1 AND due_ms = ?2 AND who = ?3 AND n = ?4;
