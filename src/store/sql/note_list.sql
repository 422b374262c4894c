-- The notes about a subject or a customer, newest first.
-- takes about TEXT, subject, identity
SELECT id, at_ms, who, words FROM note WHERE about = ?1 AND subject = ?2 AND identity = ?3 ORDER BY id DESC LIMIT 200;
