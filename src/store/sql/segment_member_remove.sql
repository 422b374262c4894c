-- A member no more.
DELETE FROM segment_member WHERE segment = ?1 AND identity = ?2;
