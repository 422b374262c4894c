-- Forgets what table segment_event holds of identity ?1.
DELETE FROM segment_event WHERE identity = ?1;
