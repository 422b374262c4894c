-- takes id
SELECT identity, journey, step, entry, state, owner FROM task WHERE id = ?1;
