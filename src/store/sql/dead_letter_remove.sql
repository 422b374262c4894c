-- Removes a refused message.
DELETE FROM dead_letter WHERE id = ?1;
