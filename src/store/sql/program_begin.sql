-- When anything was first decided, tried or sent; NULL: never.
-- gives first_ms INTEGER NULL
SELECT min(at) AS first_ms FROM (SELECT min(at_ms) AS at FROM decision UNION ALL SELECT min(started_ms) FROM experiment
    UNION ALL SELECT min(queued_ms) FROM message);
