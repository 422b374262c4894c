-- How many blocks of partition ?1 alone there are, and events in them.
-- takes partition
-- gives one: n_blocks INTEGER, n_events INTEGER
SELECT ifnull(sum(n_blocks), 0) AS n_blocks, ifnull(sum(n_events), 0) AS n_events FROM log_partition WHERE partition = ?1;
