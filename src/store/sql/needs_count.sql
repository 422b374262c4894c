-- What waits for somebody at instant ?1: messages that failed or are in doubt, tasks nobody took and those put off until
-- now, requests of people that are open and the next instant by which one must be done.
-- takes now_ms INTEGER
-- gives one: dead INTEGER, in_doubt INTEGER, tasks INTEGER, requests INTEGER, due_ms INTEGER
SELECT (SELECT count(*) FROM message WHERE status = 'dead') AS dead,
       (SELECT count(*) FROM message WHERE status = 'unknown') AS in_doubt,
       (SELECT count(*) FROM task WHERE state = 'open' OR (state = 'snoozed' AND due_ms <= ?1)) AS tasks,
       (SELECT count(*) FROM privacy_request WHERE state IN ('waiting', 'erased')) AS requests,
       (SELECT coalesce(min(due_ms), 0) FROM privacy_request WHERE state IN ('waiting', 'erased')) AS due_ms;
