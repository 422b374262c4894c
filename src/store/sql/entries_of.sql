-- Every way of somebody, of the identities ?1 (a JSON list), through a journey.
-- takes identities TEXT, journey INTEGER
SELECT id, version, entered_ms, end FROM journey_entry
WHERE identity IN (SELECT value FROM json_each(?1)) AND journey = ?2 ORDER BY id;
