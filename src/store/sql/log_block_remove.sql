-- Removes a block.
DELETE FROM log_block WHERE id = ?1;
