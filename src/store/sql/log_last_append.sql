-- The number of the latest append; 0 before the first.
SELECT ifnull(max(id), 0) >> 27 FROM log_block;
