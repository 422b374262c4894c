-- Ends the sessions of person ?1.
-- takes person_id
DELETE FROM session WHERE person_id = ?1;
