-- A journey of a name, in its first version.
-- takes name, state, from_file, changed_ms
INSERT INTO journey (name, version, state, from_file, changed_ms) VALUES (?1, 0, ?2, ?3, ?4);
