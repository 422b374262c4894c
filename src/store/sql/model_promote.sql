-- Puts model ?1 in force.
-- takes id
UPDATE model SET force = (SELECT max(force) + 1 FROM model) WHERE id = ?1;
