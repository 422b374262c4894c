-- Entry ?1 is held no longer than until ?2, when it is judged again.
-- takes id, due_ms INTEGER
UPDATE journey_entry SET due_ms = ?2 WHERE id = ?1;
