-- Of those inside a journey, how many should have gone on before an instant.
-- takes journey INTEGER, before_ms INTEGER
-- gives one: n INTEGER
SELECT count(*) AS n FROM journey_entry WHERE journey = ?1 AND end = '' AND due_ms < ?2;
