-- Since when a hash is suppressed, and on whose word.
-- takes hash
SELECT since_ms, source FROM suppression WHERE hash = ?1;
