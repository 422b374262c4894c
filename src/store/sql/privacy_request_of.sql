-- Request ?1, with the columns of privacy_requests.
-- takes id
SELECT id, kind, identity, source, requested_ms, due_ms, state, done_ms, detail FROM privacy_request WHERE id = ?1;
