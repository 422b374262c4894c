-- Begins a session: hash, person_id, expires_ms.
-- takes hash, person_id, expires_ms
INSERT INTO session (hash, person_id, expires_ms) VALUES (?1, ?2, ?3);
