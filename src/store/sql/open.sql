-- How every connection behaves: durable commits, and readers that never wait for the writer.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA cell_size_check = ON;
PRAGMA trusted_schema = OFF;
