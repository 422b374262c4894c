-- Nothing leaves for scope ?1 since ?2, says ?3.
-- takes scope, since_ms, who
INSERT INTO stop (scope, since_ms, who) VALUES (?1, ?2, ?3) ON CONFLICT (scope) DO NOTHING;
