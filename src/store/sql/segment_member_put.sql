-- A member since ?3, if there is such a segment.
-- takes segment, identity, since_ms
INSERT OR REPLACE INTO segment_member (segment, identity, since_ms)
SELECT id, ?2, ?3 FROM segment WHERE id = ?1;
