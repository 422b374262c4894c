-- Forgets what table decision holds of identity ?1.
-- takes identity
DELETE FROM decision WHERE identity = ?1;
