-- Everybody has been looked at for a version of a segment.
-- takes id, complete
UPDATE segment SET complete = ?2 WHERE id = ?1 AND complete < ?2;
