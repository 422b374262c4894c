-- Keeps a refused row: import_id, number, line, column_name, reason, raw.
-- takes import_id, number, line, column_name, reason, raw
INSERT INTO reject (import_id, number, line, column_name, reason, raw) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
