-- What happened how often at each step of version ?2 of journey ?1, of ways through it.
-- takes journey INTEGER, version
-- gives n INTEGER
SELECT l.step AS step, l.outcome AS outcome, count(DISTINCT l.entry) AS n
FROM journey_line l JOIN journey_entry e ON e.id = l.entry WHERE e.journey = ?1 AND e.version = ?2 GROUP BY 1, 2;
