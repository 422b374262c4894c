-- Keeps a refused message: received_ms, source, protocol, sealed, is_cut.
INSERT INTO dead_letter (received_ms, source, protocol, sealed, is_cut) VALUES (?1, ?2, ?3, ?4, ?5);
