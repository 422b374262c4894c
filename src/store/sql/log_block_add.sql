-- Adds a block: id, partition, n_events, first_ms, last_ms, columns, n_bytes, checksum.
-- takes id, partition, n_events, first_ms, last_ms, columns, n_bytes, checksum
INSERT INTO log_block (id, partition, n_events, first_ms, last_ms, columns, n_bytes, checksum)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);
