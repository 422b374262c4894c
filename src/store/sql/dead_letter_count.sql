-- How many refused messages are kept.
-- gives one: n INTEGER
SELECT count(*) AS n FROM dead_letter;
