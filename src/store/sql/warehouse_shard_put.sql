-- Keeps how far a shard of the warehouse has got.
-- takes shard, position, pending_to, link_id, link_removed_ms, link_version, n_rows, n_bytes, n_retries, shipped_ms, error
INSERT OR REPLACE INTO warehouse_shard (shard, position, pending_to, link_id, link_removed_ms, link_version, n_rows, n_bytes,
                                        n_retries, shipped_ms, error)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);
