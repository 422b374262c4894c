-- What somebody is inside of.
-- takes identity
SELECT id, journey, version, key FROM journey_entry WHERE identity = ?1 AND end = '' ORDER BY id;
