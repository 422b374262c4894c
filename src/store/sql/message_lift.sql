-- What waited for a stop to be lifted is looked at again at ?1.
-- takes due_ms INTEGER
UPDATE message SET rule = '', due_ms = ?1 WHERE due_ms = 9223372036854775806;
