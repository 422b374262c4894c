-- The newest ?1 refused messages, newest first; all if ?1 is negative.
SELECT id, received_ms, source, protocol, reason, field, sealed, is_cut FROM dead_letter ORDER BY id DESC LIMIT ?1;
