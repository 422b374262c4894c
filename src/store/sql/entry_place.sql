-- Where somebody is now.
-- takes id, step, since_ms, due_ms, held, flags, end, ended_ms
UPDATE journey_entry SET step = ?2, since_ms = ?3, due_ms = ?4, held = ?5, flags = ?6, end = ?7, ended_ms = ?8 WHERE id = ?1;
