-- What recommends, of each question.
SELECT question, as_of_ms, name, kinds, board, bytes FROM recommender ORDER BY question;
