-- Removes the blocks of names with ids ?1 .. ?2, to be written again as one.
-- takes first INTEGER, last INTEGER
DELETE FROM log_names WHERE id BETWEEN ?1 AND ?2;
