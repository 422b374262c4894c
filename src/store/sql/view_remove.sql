-- View ?1, if it is ?2's.
-- takes id, owner TEXT
DELETE FROM saved_view WHERE id = ?1 AND owner = ?2;
