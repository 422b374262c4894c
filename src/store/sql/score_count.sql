-- How many customers have scores.
-- gives one: n INTEGER
SELECT count(*) AS n FROM score;
