-- What identity ?1 asked for.
-- takes identity
SELECT kind, source, requested_ms, due_ms, state, done_ms FROM privacy_request WHERE identity = ?1 ORDER BY id;
