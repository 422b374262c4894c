-- Removes key ?1.
DELETE FROM access_key WHERE id = ?1;
