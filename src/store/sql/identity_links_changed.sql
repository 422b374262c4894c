-- Links made after one, and those removed since an instant, in the order made.
-- takes link_id INTEGER, removed_ms INTEGER
SELECT id, a, b, how, received_ms, removed_ms FROM identity_link WHERE id > ?1
UNION SELECT id, a, b, how, received_ms, removed_ms FROM identity_link WHERE removed_ms >= ?2 ORDER BY id;
