-- Forgets all answers to a question, before new ones are put.
-- takes question
DELETE FROM score WHERE question = ?1;
