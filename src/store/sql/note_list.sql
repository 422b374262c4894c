-- The notes about a subject, or about a customer of the identities ?3 (a JSON list), newest first.
-- takes about TEXT, subject, identities TEXT
SELECT id, at_ms, who, words FROM note
WHERE about = ?1 AND subject = ?2 AND identity IN (SELECT value FROM json_each(?3)) ORDER BY id DESC LIMIT 200;
