-- What people stated about consent, the newest first.
-- takes before INTEGER, most INTEGER
SELECT id, purpose, is_given, stated_ms, source, proof FROM consent WHERE id < ?1 ORDER BY id DESC LIMIT ?2;
