-- Who stands at each step of version ?2 of journey ?1, by the rule that holds their message ('' none): how many, since
-- when the first of them, and how many should have gone on before ?3.
-- takes journey INTEGER, version, before_ms INTEGER
-- gives n INTEGER, since_ms INTEGER, late INTEGER
SELECT step, held, count(*) AS n, min(since_ms) AS since_ms, count(CASE WHEN due_ms < ?3 THEN 1 END) AS late
FROM journey_entry WHERE journey = ?1 AND version = ?2 AND end = '' GROUP BY step, held;
