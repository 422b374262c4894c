-- A request: kind, identity, source, requested_ms, due_ms, state; its id.
-- takes kind, identity, source, requested_ms, due_ms, state
INSERT INTO privacy_request (kind, identity, source, requested_ms, due_ms, state, done_ms, detail)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, '') RETURNING id;
