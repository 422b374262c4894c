-- How every connection behaves: durable commits, and readers that never wait for the writer.  Pages of 8 KiB
-- halve the cost of writing large blobs and keep small commits small.
PRAGMA page_size = 8192;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA cell_size_check = ON;
PRAGMA trusted_schema = OFF;
-- What is deleted is overwritten, so that an erased person is in no free page.
PRAGMA secure_delete = ON;
