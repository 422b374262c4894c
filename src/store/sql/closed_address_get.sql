-- Why and since when nothing is sent to the address that hashes to ?1.
-- takes hash
SELECT channel, reason, since_ms FROM closed_address WHERE hash = ?1;
