-- Every block of names, each dictionary's in the order of its indexes.
SELECT id, n_names, lengths, bytes FROM log_names ORDER BY id;
