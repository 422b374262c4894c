-- What people changed about identity ?1 with their own hands.
-- takes identity
SELECT at_ms, who, what FROM audit WHERE identity = ?1 ORDER BY id;
