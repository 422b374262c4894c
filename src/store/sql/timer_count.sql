-- 1, or 0 where the timer is wanted no more.
-- takes kind, due_ms, who, n
-- gives one: timers INTEGER
SELECT count(*) AS timers FROM timer WHERE kind = ?1 AND due_ms = ?2 AND who = ?3 AND n = ?4;
