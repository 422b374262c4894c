-- takes journey INTEGER, step, address, identity, at_ms
INSERT INTO journey_address (journey, step, address, identity, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (journey, step, address) DO UPDATE SET identity = excluded.identity, at_ms = excluded.at_ms;
