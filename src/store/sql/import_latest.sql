-- The newest import.
SELECT id, source, shape, target, currency, first_ms, last_ms, json FROM import ORDER BY id DESC LIMIT 1;
