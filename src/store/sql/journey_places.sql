-- How many of version ?2 of journey ?1 stand at each step, and how many of them are held there.
-- takes journey INTEGER, version
-- gives n INTEGER, held INTEGER
SELECT step, count(*) AS n, sum(held <> '') AS held FROM journey_entry WHERE journey = ?1 AND version = ?2 AND end = '' GROUP BY step;
