-- takes journey INTEGER, state, changed_ms
UPDATE journey SET state = ?2, changed_ms = ?3, from_file = from_file <> 0 WHERE id = ?1;
