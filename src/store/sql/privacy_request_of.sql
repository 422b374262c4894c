-- Request ?1.
-- takes id
-- gives rows of privacy_requests
SELECT id, kind, identity, source, requested_ms, due_ms, state, done_ms, detail FROM privacy_request WHERE id = ?1;
