-- From ?2 on the share ?3 takes part in experiment ?1.
-- takes experiment, at, share
INSERT INTO experiment_ramp (experiment, at, share) VALUES (?1, ?2, ?3)
ON CONFLICT (experiment, at) DO UPDATE SET share = max(share, excluded.share);
