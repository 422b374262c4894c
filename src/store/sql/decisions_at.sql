-- What was drawn at placement ?1 before ?2, in the order of customers and time.
-- takes placement, before_ms INTEGER
SELECT identity, at_ms, action, answer FROM decision
 WHERE placement = ?1 AND at_ms < ?2 AND policy NOT IN ('suppressed', 'holdout', 'cap', 'no_candidate')
 ORDER BY identity, at_ms;
