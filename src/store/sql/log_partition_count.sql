-- How many blocks and events log_blocks must find for partition ?1.
SELECT ifnull(sum(n_blocks), 0), ifnull(sum(n_events), 0) FROM log_partition WHERE partition IN (?1, 64);
