-- Forgets the refused links of identity ?1.
-- takes identity INTEGER
DELETE FROM identity_refused WHERE a = ?1 OR b = ?1;
