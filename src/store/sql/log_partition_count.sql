-- How many blocks and events log_blocks must find for partition ?1.
-- takes partition
-- gives one: n_blocks INTEGER, n_events INTEGER
SELECT ifnull(sum(n_blocks), 0) AS n_blocks, ifnull(sum(n_events), 0) AS n_events FROM log_partition WHERE partition IN (?1, 64);
