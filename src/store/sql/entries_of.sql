-- Every way of somebody through a journey.
-- takes identity, journey INTEGER
SELECT id, version, entered_ms, end FROM journey_entry WHERE identity = ?1 AND journey = ?2 ORDER BY id;
