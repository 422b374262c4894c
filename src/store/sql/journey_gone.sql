-- A journey is paused because its file is gone; any change of its state by somebody ends that.
-- takes journey INTEGER
UPDATE journey SET from_file = 2 WHERE id = ?1;
