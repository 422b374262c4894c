-- What somebody is inside of.
-- takes identity
-- gives id, journey, version, key, due_ms INTEGER NULL
SELECT id, journey, version, key, due_ms FROM journey_entry WHERE identity = ?1 AND end = '' ORDER BY id;
