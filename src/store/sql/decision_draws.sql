-- What was drawn by lot before ?1, in the order of time.  A plan's own rows say its horizon; others of a plan only
-- repeat elsewhere what it drew.
-- takes before_ms INTEGER
SELECT identity, at_ms, action, propensity, answer FROM decision
 WHERE at_ms < ?1 AND policy NOT IN ('suppressed', 'holdout', 'cap', 'no_candidate')
   AND (policy NOT IN ('plan', 'explore') OR instr(answer, '"horizon_days"') > 0) ORDER BY at_ms;
