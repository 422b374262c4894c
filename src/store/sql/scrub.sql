-- Moves everything from the -wal file into the database and cuts that file to nothing.
-- gives one: busy INTEGER, log INTEGER, checkpointed INTEGER
PRAGMA wal_checkpoint(TRUNCATE);
