-- All journeys with their newest version, by name.
SELECT j.id, j.name, j.version, j.state, j.from_file, j.changed_ms, v.yaml, v.who, v.approved_by, v.approved_daily,
       v.approved_budget
FROM journey j JOIN journey_version v ON v.journey = j.id AND v.version = j.version ORDER BY j.name;
