-- Who came to and left segment ?1, day by day from day ?2 on: days of Unix time, UTC.
-- takes segment, from_day INTEGER
-- gives day INTEGER, came INTEGER, went INTEGER
SELECT at_ms / 86400000 AS day, sum(entered = 1) AS came, sum(entered = 0) AS went
FROM segment_event WHERE segment = ?1 AND at_ms >= ?2 * 86400000 GROUP BY 1 ORDER BY 1;
