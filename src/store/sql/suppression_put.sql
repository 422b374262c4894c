-- Suppresses: hash, since_ms, source.
-- takes hash, since_ms, source
INSERT OR IGNORE INTO suppression (hash, since_ms, source) VALUES (?1, ?2, ?3);
