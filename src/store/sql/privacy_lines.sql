-- takes identity
SELECT entry, at_ms, step, outcome, rule, sentence, facts FROM journey_line WHERE identity = ?1;
