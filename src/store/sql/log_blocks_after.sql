-- The blocks that hold events which arrived after sequence ?1, as far as the next ?2 numbers from the first of them.
-- takes sequence INTEGER, most INTEGER
-- gives rows of log_blocks
SELECT id, partition, n_events, first_ms, last_ms, columns, n_bytes, checksum, first_identity, last_identity,
       first_sequence, last_sequence
FROM log_block
WHERE last_sequence > ?1
  AND first_sequence < max(?1 + 1, (SELECT min(first_sequence) FROM log_block WHERE last_sequence > ?1)) + ?2
ORDER BY id;
