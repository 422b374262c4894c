-- Which model of a question is in force: the one with the greatest `force`, which each gets when it is put in force.
ALTER TABLE model ADD COLUMN force   INTEGER NOT NULL DEFAULT 0;    -- 0: not in force, and not before
ALTER TABLE model ADD COLUMN made_ms INTEGER NOT NULL DEFAULT 0;    -- when it was trained; 0: before this was kept
UPDATE model SET force = id;
