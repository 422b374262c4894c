-- The act ?1.
-- takes id
SELECT id, at_ms, who, what, identity FROM audit WHERE id = ?1;
