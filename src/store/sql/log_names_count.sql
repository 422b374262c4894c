-- How many blocks the names are in.
SELECT count(*) FROM log_names;
