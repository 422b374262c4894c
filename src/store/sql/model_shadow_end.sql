-- None of question ?1 waits in the shadow any more.
-- takes question TEXT
UPDATE model SET force = 0 WHERE question = ?1 AND force < 0;
