-- What the plan of ?2 decided for identity ?1.
-- takes identity INTEGER, at_ms INTEGER
SELECT policy, answer FROM decision
 WHERE identity = ?1 AND at_ms = ?2 AND placement = 'plan' AND instr(answer, '"horizon_days"') > 0;
