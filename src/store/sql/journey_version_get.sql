-- takes journey INTEGER, version
SELECT yaml, made_ms, who, approved_by, approved_ms FROM journey_version WHERE journey = ?1 AND version = ?2;
