-- The arms of identity ?1.
-- takes identity
SELECT experiment, arm, at, bucket, is_mixed FROM assignment WHERE identity = ?1 ORDER BY experiment;
