-- The newest model is not in force if another of its question is.
UPDATE model SET force = 0
 WHERE id = (SELECT max(id) FROM model)
   AND EXISTS (SELECT 1 FROM model AS other WHERE other.question = model.question AND other.force > 0 AND other.id <> model.id);
