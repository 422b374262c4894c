-- Per dictionary: how many blocks its names are in, and how many names.
-- gives dictionary INTEGER, n_blocks INTEGER, n_names INTEGER
SELECT id >> 40 AS dictionary, count(*) AS n_blocks, sum(n_names) AS n_names FROM log_names GROUP BY id >> 40;
