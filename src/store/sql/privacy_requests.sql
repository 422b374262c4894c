-- Requests, newest first; if ?1, only those that are not done.
-- takes waiting_only INTEGER
SELECT id, kind, identity, source, requested_ms, due_ms, state, done_ms, detail FROM privacy_request
WHERE ?1 = 0 OR state IN ('waiting', 'erased') ORDER BY id DESC;
