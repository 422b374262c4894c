-- The statements of a hash, in the order made.
-- takes hash
SELECT purpose, is_given, stated_ms, source, proof FROM consent WHERE hash = ?1 ORDER BY id;
