-- The first time that a customer could feel the difference; later ones are not kept.
-- takes experiment, identity, arm, at, how
INSERT INTO exposure VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING;
