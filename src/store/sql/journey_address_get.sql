-- takes journey INTEGER, step, address
SELECT identity, at_ms FROM journey_address WHERE journey = ?1 AND step = ?2 AND address = ?3;
