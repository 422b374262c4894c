-- Who entered each version of journey ?1, once each, and whether they met its goal at least once.
-- takes journey INTEGER
-- gives met INTEGER
SELECT version, identity, max(goal_ms > 0) AS met FROM journey_entry WHERE journey = ?1 GROUP BY version, identity ORDER BY version;
