-- takes id, version
UPDATE journey_entry SET version = ?2 WHERE id = ?1;
