-- Another name, expression and description, and the version, of segment ?1.
-- takes id, name, expression, description, version
UPDATE segment SET name = ?2, expression = ?3, description = ?4, version = ?5 WHERE id = ?1;
