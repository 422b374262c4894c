-- Adds a column of a block: id, bytes.
-- takes id, bytes
INSERT INTO log_column (id, bytes) VALUES (?1, ?2);
