-- How many customers have scores.
SELECT count(*) FROM score;
