-- takes id, goal_ms
UPDATE journey_entry SET goal_ms = ?2 WHERE id = ?1;
