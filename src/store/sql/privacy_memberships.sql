-- The segments identity ?1 is in.
-- takes identity
SELECT segment.name AS segment, segment_member.since_ms FROM segment_member
JOIN segment ON segment.id = segment_member.segment
WHERE identity = ?1 ORDER BY segment.name;
