-- The conditions that segment ?1 had before, newest first.
-- takes segment
SELECT version, expression, until_ms, n_members FROM segment_version WHERE segment = ?1 ORDER BY version DESC;
