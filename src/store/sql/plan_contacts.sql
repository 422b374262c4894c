-- What plans did for whom from ?1 on and before ?2.
-- takes from_ms INTEGER, before_ms INTEGER
SELECT identity, at_ms, action FROM decision
 WHERE placement = 'plan' AND action <> 'nothing' AND at_ms >= ?1 AND at_ms < ?2 ORDER BY identity, at_ms;
