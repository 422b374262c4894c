-- Requests, newest first: all that are open, and the newest ?1 that people or programs made.  Of what retention asked for
-- by itself there may be any number, which nobody looks through.
-- takes most INTEGER
SELECT id, kind, identity, source, requested_ms, due_ms, state, done_ms, detail FROM privacy_request
WHERE id IN (SELECT id FROM privacy_request WHERE state IN ('waiting', 'erased') UNION ALL
             SELECT id FROM (SELECT id FROM privacy_request WHERE NOT (source = 'retention' AND state = 'done')
                             ORDER BY id DESC LIMIT ?1))
ORDER BY id DESC;
