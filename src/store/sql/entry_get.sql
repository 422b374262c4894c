-- takes id
SELECT id, journey, version, identity, key, entered_ms, step, since_ms, due_ms, held, flags, end, goal_ms, event, coupon, event_ms
FROM journey_entry WHERE id = ?1;
