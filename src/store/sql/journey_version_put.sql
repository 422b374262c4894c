-- takes journey INTEGER, version, yaml, made_ms, who
INSERT INTO journey_version (journey, version, yaml, made_ms, who, approved_by, approved_ms) VALUES (?1, ?2, ?3, ?4, ?5, '', 0);
