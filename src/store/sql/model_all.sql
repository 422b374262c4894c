-- Every question's newest model, newest first.
SELECT question, as_of_ms, question_json, evidence FROM model
WHERE id IN (SELECT max(id) FROM model GROUP BY question) ORDER BY id DESC;
