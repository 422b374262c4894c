-- Which erasures each shard of the warehouse has carried out.
-- person warehouse_erased: none
CREATE TABLE warehouse_erased (
    shard   INTEGER NOT NULL,
    request INTEGER NOT NULL,
    PRIMARY KEY (shard, request)
) WITHOUT ROWID;
