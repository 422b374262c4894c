-- The first ?2 refused rows of import ?1, in the order of the file; all if ?2 is negative.
-- takes import_id, most INTEGER
SELECT line, column_name, reason, raw FROM reject WHERE import_id = ?1 ORDER BY number LIMIT ?2;
