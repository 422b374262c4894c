-- Forgets the messages that were refused before ?1.
-- takes before_ms INTEGER
DELETE FROM dead_letter WHERE received_ms < ?1;
