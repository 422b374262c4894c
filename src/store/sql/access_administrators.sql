-- How many may administer at ?1 without token ?2 and person ?3.
-- takes now_ms INTEGER, token_id INTEGER, person_id INTEGER
-- gives one: n INTEGER
SELECT (SELECT count(*) FROM access_key
        WHERE is_token AND role = 'admin' AND (expires_ms = 0 OR expires_ms > ?1) AND id IS NOT ?2)
     + (SELECT count(*) FROM person WHERE role = 'admin' AND id IS NOT ?3) AS n;
