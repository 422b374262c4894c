-- Nothing is left on a shard of whom a request was about.
-- takes shard, request
INSERT OR IGNORE INTO warehouse_erased (shard, request) VALUES (?1, ?2);
