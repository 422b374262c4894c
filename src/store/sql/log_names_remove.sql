-- Removes every block of names, to be written again as fewer.
DELETE FROM log_names;
