-- The arm of a customer; the first row stays, but that it is mixed is noted.
-- takes experiment, identity, unit, arm, at, bucket, is_mixed
INSERT INTO assignment VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (experiment, identity) DO UPDATE SET is_mixed = max(is_mixed, excluded.is_mixed);
