-- What was recommended to identity ?1.
-- takes identity
SELECT id, at_ms, placement, model, answer FROM recommendation WHERE identity = ?1 ORDER BY at_ms, id;
