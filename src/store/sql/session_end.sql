-- Ends the session of hash ?1.
DELETE FROM session WHERE hash = ?1;
