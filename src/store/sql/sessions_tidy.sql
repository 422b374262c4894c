-- Removes the sessions that have ended at ?1, and all but the 9 newest of person ?2.
-- takes now_ms INTEGER, person_id
DELETE FROM session WHERE expires_ms <= ?1
    OR (person_id = ?2 AND hash NOT IN (SELECT hash FROM session WHERE person_id = ?2 ORDER BY expires_ms DESC LIMIT 9));
