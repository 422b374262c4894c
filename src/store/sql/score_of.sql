-- A customer's answer to a question, and what is expected to be lost with it.
-- takes identity, question
SELECT prediction, expected_loss_cents FROM score WHERE identity = ?1 AND question = ?2;
