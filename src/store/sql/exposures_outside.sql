-- Who was exposed in experiment ?1 before ?2 otherwise than by a decision, in the order of time.
-- takes experiment, at
SELECT identity, arm, at FROM exposure WHERE experiment = ?1 AND at < ?2 AND how <> 'decision' ORDER BY at, identity;
