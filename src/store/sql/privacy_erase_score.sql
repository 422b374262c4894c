-- Forgets what table score holds of identity ?1.
DELETE FROM score WHERE identity = ?1;
