-- What was drawn by lot before ?1, in the order of time.
-- takes before_ms INTEGER
SELECT identity, at_ms, action, propensity, answer FROM decision
 WHERE at_ms < ?1 AND policy NOT IN ('suppressed', 'holdout', 'cap', 'no_candidate') ORDER BY at_ms;
