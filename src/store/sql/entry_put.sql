-- takes journey INTEGER, version, identity, key, entered_ms, event, event_ms
INSERT INTO journey_entry (journey, version, identity, key, entered_ms, step, since_ms, due_ms, held, flags, end, ended_ms, goal_ms,
                           event, coupon, event_ms)
VALUES (?1, ?2, ?3, ?4, ?5, '', 0, NULL, '', 0, '', 0, 0, ?6, '', ?7)
RETURNING id;
