-- Model ?1 is in force no more; the one that was before it is again.
-- takes id
UPDATE model SET force = 0 WHERE id = ?1;
