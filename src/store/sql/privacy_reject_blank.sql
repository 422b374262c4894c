-- Blanks a refused row: import_id, number.
-- takes import_id, number
UPDATE reject SET raw = '' WHERE import_id = ?1 AND number = ?2;
