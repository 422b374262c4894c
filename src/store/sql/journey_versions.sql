-- The versions of journey ?1, newest first.
-- takes journey INTEGER
-- gives entered INTEGER, inside INTEGER, met INTEGER
SELECT v.version AS version, v.yaml AS yaml, v.made_ms AS made_ms, v.who AS who, v.approved_by AS approved_by,
       (SELECT count(*) FROM journey_entry e WHERE e.journey = v.journey AND e.version = v.version) AS entered,
       (SELECT count(*) FROM journey_entry e WHERE e.journey = v.journey AND e.version = v.version AND e.end = '') AS inside,
       (SELECT count(*) FROM journey_entry e WHERE e.journey = v.journey AND e.version = v.version AND e.goal_ms > 0) AS met
FROM journey_version v WHERE v.journey = ?1 ORDER BY v.version DESC;
