-- takes journey INTEGER, version, approved_by, approved_ms, approved_daily INTEGER, approved_budget
UPDATE journey_version SET approved_by = ?3, approved_ms = ?4, approved_daily = ?5, approved_budget = ?6
WHERE journey = ?1 AND version = ?2;
