-- How far the warming up of channel ?1 for destination ?2 is.
-- takes channel, destination
SELECT first_day, day, n FROM warm_up WHERE channel = ?1 AND destination = ?2;
