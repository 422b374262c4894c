-- The newest model of question ?1, or of any question if it is NULL.
-- takes question TEXT NULL
SELECT id, as_of_ms, question_json, features, predictor, evidence FROM model
WHERE ?1 IS NULL OR question = ?1 ORDER BY id DESC LIMIT 1;
