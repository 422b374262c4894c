-- Forgets all but the newest ?1 refused messages.
-- takes kept INTEGER
DELETE FROM dead_letter
WHERE id <= (SELECT id FROM dead_letter ORDER BY id DESC LIMIT 1 OFFSET ?1);
