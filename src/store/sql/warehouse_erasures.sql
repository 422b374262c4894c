-- Erasures that are done here, and that a shard of the warehouse still owes.
-- takes shard
SELECT id, detail FROM privacy_request
WHERE kind = 'erase' AND state = 'done' AND id NOT IN (SELECT request FROM warehouse_erased WHERE shard = ?1) ORDER BY id;
