-- How far each shard of the warehouse has got: events to position are there; those after it to pending_to were on their
-- way (0: none), under the name of a batch that they keep at every try.
-- person warehouse_shard: none
CREATE TABLE warehouse_shard (
    shard        INTEGER PRIMARY KEY,
    position     INTEGER NOT NULL,      -- the log's sequence
    pending_to   INTEGER NOT NULL,
    link_id      INTEGER NOT NULL,      -- the last link that is there
    link_removed_ms INTEGER NOT NULL,   -- links removed before it are known to be
    link_version INTEGER NOT NULL,      -- of the rows that say so
    n_rows       INTEGER NOT NULL,
    n_bytes      INTEGER NOT NULL,
    n_retries    INTEGER NOT NULL,
    shipped_ms   INTEGER NOT NULL,
    error        TEXT NOT NULL          -- '': the last try went well
);
CREATE INDEX identity_link_removed ON identity_link (removed_ms) WHERE removed_ms IS NOT NULL;
