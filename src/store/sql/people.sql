-- Everybody who may sign in: id, name, role, made_ms, password.
SELECT id, name, role, made_ms, password FROM person ORDER BY id;
