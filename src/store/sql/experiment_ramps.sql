-- When more people were let into experiment ?1 by hand, the earliest first.
-- takes experiment
SELECT at, share FROM experiment_ramp WHERE experiment = ?1 ORDER BY at;
