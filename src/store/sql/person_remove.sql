-- Removes person ?1, after their sessions.
-- takes id
DELETE FROM person WHERE id = ?1;
