-- Every segment, in order of id.
SELECT id, name, expression, description, created_ms, version, complete FROM segment ORDER BY id;
