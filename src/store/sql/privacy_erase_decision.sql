-- Forgets what table decision holds of identity ?1.
DELETE FROM decision WHERE identity = ?1;
