-- Removes the blocks ?1 .. ?2.
-- takes first INTEGER, last INTEGER
DELETE FROM log_block WHERE id BETWEEN ?1 AND ?2;
