-- A new segment: name, expression, description, created_ms; its id.
-- takes name, expression, description, created_ms
INSERT INTO segment (name, expression, description, created_ms, version, complete)
VALUES (?1, ?2, ?3, ?4, 1, 0) RETURNING id;
