-- What is stopped.
SELECT scope, since_ms, who FROM stop ORDER BY scope;
