-- What the plan that spoke of a customer, of the identities ?1 (a JSON list), last decided for them.
-- takes identities TEXT
SELECT id, at_ms, action, policy, answer FROM decision
WHERE identity IN (SELECT value FROM json_each(?1)) AND placement = 'plan' ORDER BY at_ms DESC LIMIT 1;
