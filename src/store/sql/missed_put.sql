-- takes journey INTEGER, identity, at_ms, rule, facts
INSERT INTO journey_missed (journey, identity, at_ms, rule, facts) VALUES (?1, ?2, ?3, ?4, ?5);
