-- Forgets the statements of a hash.
-- takes hash
DELETE FROM consent WHERE hash = ?1;
