-- Forgets what table segment_member holds of identity ?1.
DELETE FROM segment_member WHERE identity = ?1;
