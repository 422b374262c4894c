-- The newest model of question ?1 that waits in the shadow.
-- takes question TEXT
SELECT id FROM model WHERE question = ?1 AND force < 0 ORDER BY id DESC LIMIT 1;
