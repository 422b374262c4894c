-- The message with key ?1.
-- takes key
SELECT id FROM message WHERE key = ?1;
