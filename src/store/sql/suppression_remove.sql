-- Ends a suppression.
DELETE FROM suppression WHERE hash = ?1;
