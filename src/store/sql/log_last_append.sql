-- The number of the latest append, and the sequence of its last event; 0 before the first.
-- gives one: append INTEGER, sequence INTEGER
SELECT ifnull((SELECT max(id) FROM log_block), 0) >> 27 AS append,
       ifnull((SELECT max(last_sequence) FROM log_block), 0) AS sequence;
