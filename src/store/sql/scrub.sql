-- Moves everything from the -wal file into the database and cuts that file to nothing.
PRAGMA wal_checkpoint(TRUNCATE);
