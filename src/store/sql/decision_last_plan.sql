-- What the last plan before ?1 decided: everybody for whom something was drawn by lot.
-- takes before_ms INTEGER
SELECT identity, at_ms, action, policy, answer FROM decision
 WHERE placement = 'plan' AND at_ms = (SELECT max(at_ms) FROM decision WHERE placement = 'plan' AND at_ms < ?1);
