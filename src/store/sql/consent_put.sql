-- A statement: hash, purpose, is_given, stated_ms, source, proof.
-- takes hash, purpose, is_given, stated_ms, source, proof
INSERT INTO consent (hash, purpose, is_given, stated_ms, source, proof) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
