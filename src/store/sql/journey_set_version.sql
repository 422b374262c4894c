-- The newest version of a journey is another now.
-- takes journey INTEGER, version, from_file, changed_ms
UPDATE journey SET version = ?2, from_file = ?3, changed_ms = ?4 WHERE id = ?1;
