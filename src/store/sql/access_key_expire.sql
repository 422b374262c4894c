-- From ?2 on key ?1 counts no more; one that expires earlier stays so.
-- takes id, expires_ms
UPDATE access_key SET expires_ms = CASE WHEN expires_ms = 0 THEN ?2 ELSE min(expires_ms, ?2) END WHERE id = ?1;
