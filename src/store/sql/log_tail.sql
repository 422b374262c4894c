-- The first ?1 blocks from the earliest small mixed append on, whatever their partition, in the order appended.
-- takes most INTEGER
-- gives rows of log_blocks
SELECT id, partition, n_events, first_ms, last_ms, columns, n_bytes, checksum, first_identity, last_identity,
       first_sequence, last_sequence FROM log_block
WHERE id >= (SELECT min(id) FROM log_block WHERE partition = 64) ORDER BY id LIMIT ?1;
