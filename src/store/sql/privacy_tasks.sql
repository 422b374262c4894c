-- takes identity
SELECT id, journey, step, words, state, owner, created_ms, done_ms, outcome FROM task WHERE identity = ?1;
