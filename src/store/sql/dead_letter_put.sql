-- Keeps a refused message: id (NULL: the next), received_ms, source, protocol, sealed, is_cut.
-- takes id INTEGER NULL, received_ms, source, protocol, sealed, is_cut
INSERT INTO dead_letter (id, received_ms, source, protocol, sealed, is_cut) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
