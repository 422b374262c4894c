-- The journey of a name.
-- takes name
SELECT id, version, state, from_file FROM journey WHERE name = ?1;
