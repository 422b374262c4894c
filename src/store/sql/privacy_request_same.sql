-- A request of kind ?1 about identity ?2 that waits already.
-- takes kind, identity
SELECT id FROM privacy_request WHERE kind = ?1 AND identity = ?2 AND state = 'waiting' AND identity > 0;
