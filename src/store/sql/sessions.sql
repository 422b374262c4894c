-- Sessions that have not ended at ?1: hash, person_id, expires_ms.
-- takes now_ms INTEGER
SELECT hash, person_id, expires_ms FROM session WHERE expires_ms > ?1;
