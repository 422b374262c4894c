-- How many did not enter journey ?1 by a rule from ?3 on.
-- takes journey INTEGER, rule, since_ms INTEGER
-- gives one: n INTEGER
SELECT count(*) AS n FROM journey_missed WHERE journey = ?1 AND rule = ?2 AND at_ms >= ?3;
