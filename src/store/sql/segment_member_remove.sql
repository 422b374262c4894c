-- A member no more.
-- takes segment, identity
DELETE FROM segment_member WHERE segment = ?1 AND identity = ?2;
