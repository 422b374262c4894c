-- Removes the columns of the blocks ?1 .. ?2.
-- takes first INTEGER, last INTEGER
DELETE FROM log_column WHERE id BETWEEN ?1 AND ?2 + 15;
