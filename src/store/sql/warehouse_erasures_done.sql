-- Erasures that a shard of the warehouse has carried out.
-- takes shard
SELECT id, detail FROM privacy_request WHERE id IN (SELECT request FROM warehouse_erased WHERE shard = ?1) ORDER BY id;
