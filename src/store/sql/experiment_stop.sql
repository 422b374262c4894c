-- Stops experiment ?1 at ?2, unless it was stopped before.
-- takes name, stopped_ms
UPDATE experiment SET stopped_ms = ?2 WHERE name = ?1 AND stopped_ms IS NULL;
