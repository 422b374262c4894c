-- Why somebody, of the identities ?1 (a JSON list), did not enter a journey.
-- takes identities TEXT, journey INTEGER
SELECT at_ms, rule, facts FROM journey_missed
WHERE identity IN (SELECT value FROM json_each(?1)) AND journey = ?2 ORDER BY id DESC LIMIT 100;
