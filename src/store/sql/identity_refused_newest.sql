-- Links that were refused, the latest first.
-- takes most INTEGER
SELECT a, b, how, why, n, last_ms FROM identity_refused ORDER BY last_ms DESC LIMIT ?1;
