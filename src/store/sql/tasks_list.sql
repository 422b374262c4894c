-- Tasks of a state ('': any) and owner ('': anybody), about one of the identities of a JSON list (?4; '': about anybody), those with the
-- most at stake first, then the oldest.
-- takes state, owner, most INTEGER, identities TEXT
-- gives loss_cents INTEGER
SELECT id, identity, journey, step, entry, words, reasons, state, owner, created_ms, due_ms, done_ms, outcome,
       coalesce((SELECT max(expected_loss_cents) FROM score WHERE score.identity = task.identity), 0) AS loss_cents FROM task
WHERE (?1 = '' OR state = ?1) AND (?2 = '' OR owner = ?2) AND (?4 = '' OR identity IN (SELECT value FROM json_each(?4)))
ORDER BY loss_cents DESC, created_ms, id LIMIT ?3;
