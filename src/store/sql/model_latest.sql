-- The model in force of question ?1, or of any question if it is NULL; with ?2 above 0 the model of that id.
-- takes question TEXT NULL, id
SELECT id, as_of_ms, question_json, features, predictor, evidence FROM model
WHERE (?1 IS NULL OR question = ?1) AND (?2 = 0 OR id = ?2) ORDER BY force DESC LIMIT 1;
