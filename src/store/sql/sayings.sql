-- What is to be said, from the first on.
-- takes after INTEGER, most INTEGER
SELECT id, body FROM journey_saying WHERE id > ?1 ORDER BY id LIMIT ?2;
