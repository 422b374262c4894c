-- Links ever made, the newest first, those that were removed too.
-- takes before INTEGER, most INTEGER
SELECT id, a, b, how, received_ms, removed_ms FROM identity_link WHERE id < ?1 ORDER BY id DESC LIMIT ?2;
