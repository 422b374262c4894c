-- Ends the sessions of person ?1.
DELETE FROM session WHERE person_id = ?1;
