-- takes identity, journey INTEGER
SELECT at_ms, rule, facts FROM journey_missed WHERE identity = ?1 AND journey = ?2 ORDER BY id DESC LIMIT 100;
