-- The bytes of one column.
SELECT bytes FROM log_column WHERE id = ?1;
