-- takes entry
SELECT at_ms, step, outcome, rule, sentence, facts, message FROM journey_line WHERE entry = ?1 ORDER BY id;
