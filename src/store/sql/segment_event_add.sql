-- An entering or leaving: segment, identity, at_ms, entered, cause; if there is such a segment.
-- takes segment, identity, at_ms, entered, cause
INSERT INTO segment_event (segment, identity, at_ms, entered, cause)
SELECT id, ?2, ?3, ?4, ?5 FROM segment WHERE id = ?1;
