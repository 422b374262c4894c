-- The models of question ?1, or of all if it is NULL, the newest first; version counts from 1 within a question.
-- takes question TEXT NULL
-- gives version INTEGER, in_force INTEGER
SELECT id, question, as_of_ms, made_ms, force, evidence,
       (SELECT count(*) FROM model AS m WHERE m.question = model.question AND m.id <= model.id) AS version,
       force > 0 AND force = (SELECT max(force) FROM model AS m WHERE m.question = model.question) AS in_force
FROM model WHERE ?1 IS NULL OR question = ?1 ORDER BY question, id DESC;
