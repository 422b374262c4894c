-- Every segment with the number of its members.
-- gives n_members INTEGER
SELECT segment.id, segment.name, segment.expression, segment.description, count(segment_member.identity) AS n_members
FROM segment LEFT JOIN segment_member ON segment_member.segment = segment.id
GROUP BY segment.id ORDER BY segment.id;
