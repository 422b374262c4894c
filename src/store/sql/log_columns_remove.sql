-- Removes the columns of the blocks ?1 .. ?2.
DELETE FROM log_column WHERE id BETWEEN ?1 AND ?2 + 15;
