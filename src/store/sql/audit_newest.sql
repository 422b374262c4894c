-- The newest act's id.
-- gives one: id INTEGER
SELECT coalesce(max(id), 0) AS id FROM audit;
