-- The newest ?1 refused messages, newest first.
-- takes most INTEGER
SELECT id, received_ms, source, protocol, sealed, is_cut FROM dead_letter ORDER BY id DESC LIMIT ?1;
