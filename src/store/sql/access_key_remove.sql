-- Removes key ?1.
-- takes id
DELETE FROM access_key WHERE id = ?1;
