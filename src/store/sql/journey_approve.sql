-- takes journey INTEGER, version, approved_by, approved_ms
UPDATE journey_version SET approved_by = ?3, approved_ms = ?4 WHERE journey = ?1 AND version = ?2;
