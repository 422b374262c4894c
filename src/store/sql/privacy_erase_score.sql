-- Forgets what table score holds of identity ?1.
-- takes identity
DELETE FROM score WHERE identity = ?1;
