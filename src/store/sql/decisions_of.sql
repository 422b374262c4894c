-- The latest ?2 decisions of identity ?1, newest first.
-- takes identity, most INTEGER
SELECT id, at_ms, placement, action, propensity, policy, window, rule FROM decision WHERE identity = ?1
ORDER BY at_ms DESC LIMIT ?2;
