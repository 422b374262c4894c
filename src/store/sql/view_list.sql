-- Whose own, and those that are shared, by name.
-- takes owner TEXT
SELECT id, owner, name, address, is_shared, made_ms FROM saved_view WHERE owner = ?1 OR is_shared = 1 ORDER BY name, id LIMIT 500;
