-- Every question's model in force, the one put in force last first.
SELECT question, as_of_ms, question_json, evidence FROM model
WHERE force > 0 AND force IN (SELECT max(force) FROM model GROUP BY question) ORDER BY force DESC;
