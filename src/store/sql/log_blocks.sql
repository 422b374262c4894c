-- The blocks that may hold events of partition ?1, in the order appended.  64 is small mixed appends.
-- takes partition
SELECT id, partition, n_events, first_ms, last_ms, columns, n_bytes, checksum, first_identity, last_identity,
       first_sequence, last_sequence
FROM log_block WHERE partition IN (?1, 64) ORDER BY id;
