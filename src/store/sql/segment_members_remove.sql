-- All members of a segment go.
-- takes segment
DELETE FROM segment_member WHERE segment = ?1;
