-- Whether a block says of some event that it was received later than it happened.
-- gives one: is_late INTEGER
SELECT EXISTS (SELECT 1 FROM log_block WHERE columns & 1) AS is_late;
