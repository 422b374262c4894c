-- takes id, identity
UPDATE journey_entry SET identity = ?2 WHERE id = ?1;
