-- takes about TEXT, subject, identity, at_ms, who, words
-- gives one: id INTEGER
INSERT INTO note (about, subject, identity, at_ms, who, words) VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id;
