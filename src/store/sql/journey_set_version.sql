-- The newest version of a journey is another now; since when it is paused stays.
-- takes journey INTEGER, version, from_file, changed_ms
UPDATE journey SET version = ?2, from_file = CASE from_file WHEN 2 THEN 2 ELSE ?3 END, changed_ms = CASE state WHEN 'paused' THEN changed_ms ELSE ?4 END WHERE id = ?1;
