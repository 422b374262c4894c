-- Refused links of identity ?1, the latest first.
-- takes identity INTEGER
SELECT a, b, how, why, n, first_ms, last_ms FROM identity_refused WHERE a = ?1 OR b = ?1 ORDER BY last_ms DESC;
