-- What a person answers to each question.
-- takes identity
SELECT as_of_ms, question, prediction, expected_loss_cents FROM score WHERE identity = ?1;
