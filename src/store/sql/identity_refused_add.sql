-- Counts a refused link: a, b, how, why, received_ms.
-- takes a, b, how, why, received_ms INTEGER
INSERT INTO identity_refused (a, b, how, why, n, first_ms, last_ms) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5)
ON CONFLICT (a, b, how, why) DO UPDATE SET n = n + 1, last_ms = excluded.last_ms;
