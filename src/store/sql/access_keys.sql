-- Every write key and token: id, is_token, role, name, hint, made_ms, expires_ms, hash.
SELECT id, is_token, role, name, hint, made_ms, expires_ms, hash FROM access_key ORDER BY id;
