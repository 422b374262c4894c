-- How far a shard of the warehouse has got.
-- takes shard
SELECT position, pending_to, link_id, link_removed_ms, link_version, n_rows, n_bytes, n_retries, shipped_ms, error
FROM warehouse_shard WHERE shard = ?1;
