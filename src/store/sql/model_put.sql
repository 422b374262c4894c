-- Keeps a trained model: question, as_of_ms, question_json, features, predictor, evidence, when it was made; it is
-- in force from now on.
-- takes question, as_of_ms, question_json, features, predictor, evidence, made_ms
INSERT INTO model (question, as_of_ms, question_json, features, predictor, evidence, made_ms, force)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT coalesce(max(force), 0) + 1 FROM model));
