-- The questions that have a model, the one with the newest first.
SELECT question FROM model GROUP BY question ORDER BY max(id) DESC;
