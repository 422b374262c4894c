-- Forgets the statements of a hash.
DELETE FROM consent WHERE hash = ?1;
