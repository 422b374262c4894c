-- Ends the session of hash ?1.
-- takes hash
DELETE FROM session WHERE hash = ?1;
