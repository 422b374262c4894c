-- The questions that have a model, the one that was put in force last first.
SELECT question FROM model GROUP BY question ORDER BY max(force) DESC;
