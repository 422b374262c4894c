-- How many blocks of partition ?1 alone there are, and events in them.
SELECT ifnull(sum(n_blocks), 0), ifnull(sum(n_events), 0) FROM log_partition WHERE partition = ?1;
