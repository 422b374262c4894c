-- The arm that identity ?2 has in experiment ?1.
-- takes experiment, identity
SELECT arm, at, is_mixed FROM assignment WHERE experiment = ?1 AND identity = ?2;
