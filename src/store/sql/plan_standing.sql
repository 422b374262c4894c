-- Of the newest plan until ?1, what it decided for some; a plan's own rows say its horizon.
-- takes now_ms INTEGER
SELECT at_ms, answer FROM decision WHERE placement = 'plan' AND at_ms <= ?1 AND instr(answer, '"horizon_days"') > 0
 ORDER BY at_ms DESC LIMIT 50;
