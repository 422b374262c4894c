-- Adds a block of names: id, n_names, lengths, bytes.
-- takes id, n_names, lengths, bytes
INSERT INTO log_names (id, n_names, lengths, bytes) VALUES (?1, ?2, ?3, ?4);
