-- Adds a write key or token: is_token, role, name, hint, made_ms, expires_ms, hash; gives its id.
-- takes is_token, role, name, hint, made_ms, expires_ms, hash
INSERT INTO access_key (is_token, role, name, hint, made_ms, expires_ms, hash)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id;
