-- The experiment ?1.
-- takes name
SELECT definition, started_ms, stopped_ms FROM experiment WHERE name = ?1;
