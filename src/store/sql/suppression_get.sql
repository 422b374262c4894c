-- Since when a hash is suppressed, and on whose word.
SELECT since_ms, source FROM suppression WHERE hash = ?1;
