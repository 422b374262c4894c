-- A customer's answer to a question.
-- takes identity, question
SELECT prediction FROM score WHERE identity = ?1 AND question = ?2;
