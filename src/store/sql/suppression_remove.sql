-- Ends a suppression.
-- takes hash
DELETE FROM suppression WHERE hash = ?1;
