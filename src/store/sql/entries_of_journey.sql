-- Those inside a journey after an entry, some.
-- takes journey INTEGER, after INTEGER, most INTEGER
SELECT id, version, identity, held FROM journey_entry WHERE journey = ?1 AND end = '' AND id > ?2 ORDER BY id LIMIT ?3;
