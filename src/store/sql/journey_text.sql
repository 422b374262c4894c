-- The newest text of a journey.
-- takes name
SELECT v.yaml FROM journey j JOIN journey_version v ON v.journey = j.id AND v.version = j.version WHERE j.name = ?1;
