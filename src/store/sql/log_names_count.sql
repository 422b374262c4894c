-- Per dictionary: how many blocks its names are in, and how many names.
SELECT id >> 40, count(*), sum(n_names) FROM log_names GROUP BY id >> 40;
