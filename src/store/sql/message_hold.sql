-- Message ?1 waits until what stops it is lifted.
-- takes id
UPDATE message SET rule = 'stopped', due_ms = 9223372036854775806 WHERE id = ?1;
