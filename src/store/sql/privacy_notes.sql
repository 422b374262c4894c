-- takes identity
SELECT at_ms, who, words FROM note WHERE identity = ?1;
