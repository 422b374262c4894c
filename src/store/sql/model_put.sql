-- Keeps a trained model: question, as_of_ms, question_json, features, predictor, evidence; it becomes the question's newest.
-- takes question, as_of_ms, question_json, features, predictor, evidence
INSERT INTO model (question, as_of_ms, question_json, features, predictor, evidence) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
