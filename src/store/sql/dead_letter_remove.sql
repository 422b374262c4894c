-- Removes a refused message.
-- takes id
DELETE FROM dead_letter WHERE id = ?1;
