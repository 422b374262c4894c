-- The journey of a name.
-- takes name
SELECT id, version, state, from_file, changed_ms FROM journey WHERE name = ?1;
