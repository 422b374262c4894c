-- How many refused messages are kept.
SELECT count(*) FROM dead_letter;
