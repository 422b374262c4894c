-- The address that hashes to ?1 may be written to again.
-- takes hash
DELETE FROM closed_address WHERE hash = ?1;
