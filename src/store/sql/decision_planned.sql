-- What the plan that spoke of identity ?1 last decided for them.
-- takes identity
SELECT id, at_ms, action, policy, answer FROM decision WHERE identity = ?1 AND placement = 'plan'
ORDER BY at_ms DESC LIMIT 1;
