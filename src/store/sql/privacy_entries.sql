-- takes identity
SELECT j.name AS journey, e.version, e.entered_ms, e.step, e.end, e.ended_ms, e.goal_ms, e.event, e.coupon
FROM journey_entry e JOIN journey j ON j.id = e.journey WHERE e.identity = ?1;
