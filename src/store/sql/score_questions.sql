-- The questions that have a model, the one asked last first, and whether anybody was scored by it.
-- gives is_scored INTEGER
SELECT question, question IN (SELECT question FROM score) AS is_scored FROM model GROUP BY question ORDER BY max(id) DESC;
