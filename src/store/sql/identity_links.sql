-- Every link, in the order made; removed_ms is NULL for those in force.
SELECT id, a, b, how, received_ms, removed_ms FROM identity_link ORDER BY id;
