-- When identity ?1 was exposed.
-- takes identity
SELECT experiment, arm, at, how FROM exposure WHERE identity = ?1 ORDER BY at;
