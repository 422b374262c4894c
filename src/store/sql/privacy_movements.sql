-- When identity ?1 entered or left segments.
-- takes identity
SELECT segment.name AS segment, at_ms, entered, cause FROM segment_event JOIN segment ON segment.id = segment_event.segment
WHERE identity = ?1 ORDER BY segment_event.id;
