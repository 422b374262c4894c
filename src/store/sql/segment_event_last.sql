-- The last entering or leaving.
-- gives one: id INTEGER
SELECT ifnull(max(id), 0) AS id FROM segment_event;
