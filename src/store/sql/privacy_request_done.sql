-- What became of request ?1: state, done_ms, detail.
-- takes id, state, done_ms, detail
UPDATE privacy_request SET state = ?2, done_ms = ?3, detail = ?4 WHERE id = ?1;
