-- The last way of somebody through a journey by a key.
-- takes identity, journey INTEGER, key
SELECT entered_ms, end FROM journey_entry WHERE identity = ?1 AND journey = ?2 AND key = ?3 ORDER BY id DESC LIMIT 1;
