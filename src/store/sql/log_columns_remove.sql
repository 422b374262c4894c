-- Removes the columns of a block.
DELETE FROM log_column WHERE id BETWEEN ?1 AND ?1 + 15;
