-- The newest version of a journey, and who wrote it.
-- takes name
SELECT j.version, coalesce(v.who, '') AS who FROM journey j
LEFT JOIN journey_version v ON v.journey = j.id AND v.version = j.version WHERE j.name = ?1;
