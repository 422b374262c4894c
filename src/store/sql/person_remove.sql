-- Removes person ?1, after their sessions.
DELETE FROM person WHERE id = ?1;
