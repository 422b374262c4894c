-- What was decided for identity ?1.
-- takes identity
SELECT id, at_ms, placement, action, propensity, policy, window, rule, answer AS answer_json FROM decision
WHERE identity = ?1 ORDER BY at_ms;
