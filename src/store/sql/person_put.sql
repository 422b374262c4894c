-- Adds a person, or gives one another role and password: name, role, password, made_ms; gives the id.
-- takes name, role, password, made_ms
INSERT INTO person (name, role, password, made_ms) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (name) DO UPDATE SET role = excluded.role, password = excluded.password RETURNING id;
