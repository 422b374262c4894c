-- Adds a block.
-- takes id, partition, n_events, first_ms, last_ms, columns, n_bytes, checksum, first_identity INTEGER, last_identity INTEGER, first_sequence, last_sequence
INSERT INTO log_block (id, partition, n_events, first_ms, last_ms, columns, n_bytes, checksum, first_identity,
                       last_identity, first_sequence, last_sequence)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12);
