-- The last block of names that begins at ?1 or before.
-- takes id
SELECT id, n_names FROM log_names WHERE id <= ?1 ORDER BY id DESC LIMIT 1;
