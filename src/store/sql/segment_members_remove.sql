-- All members of a segment go.
DELETE FROM segment_member WHERE segment = ?1;
