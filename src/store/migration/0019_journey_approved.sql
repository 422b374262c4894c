-- For how many a day a version of a journey was approved: more asks again.
ALTER TABLE journey_version ADD COLUMN approved_daily INTEGER NOT NULL DEFAULT 0;      -- 0: any number
