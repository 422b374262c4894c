-- How many have entered a journey since an instant.
-- takes journey INTEGER, since_ms INTEGER
-- gives one: n INTEGER
SELECT count(*) AS n FROM journey_entry WHERE journey = ?1 AND entered_ms >= ?2;
