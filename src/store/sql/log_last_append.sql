-- The number of the latest append; 0 before the first.
-- gives one: append INTEGER
SELECT ifnull(max(id), 0) >> 27 AS append FROM log_block;
