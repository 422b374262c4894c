-- The bytes of one column.
-- takes id
SELECT bytes FROM log_column WHERE id = ?1;
