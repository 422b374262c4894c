-- An experiment put in force.
-- takes name, definition, started_ms
INSERT INTO experiment (name, definition, started_ms) VALUES (?1, ?2, ?3);
