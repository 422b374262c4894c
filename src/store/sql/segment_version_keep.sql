-- The condition of segment ?1 is kept as that of a version in force until ?2, where a later one than it, ?3, comes.
-- takes id, until_ms, version
INSERT OR IGNORE INTO segment_version (segment, version, expression, until_ms, n_members)
SELECT id, version, expression, ?2, (SELECT count(*) FROM segment_member WHERE segment = id) FROM segment
WHERE id = ?1 AND version < ?3;
