-- Enterings and leavings after id ?1, at most ?2, in order.
-- takes after INTEGER, most INTEGER
SELECT id, segment, identity, at_ms, entered, cause FROM segment_event WHERE id > ?1 ORDER BY id LIMIT ?2;
