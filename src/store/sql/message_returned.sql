-- Message ?1 came back: how, when, what was said.
-- takes id, returned, returned_ms, reply
UPDATE message SET returned = ?2, returned_ms = ?3, reply = ?4 WHERE id = ?1;
