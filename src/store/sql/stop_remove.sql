-- Scope ?1 may send again.
-- takes scope
DELETE FROM stop WHERE scope = ?1 RETURNING since_ms;
