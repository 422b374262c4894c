-- Forgets the links of identity ?1, those removed too.
-- takes identity INTEGER
DELETE FROM identity_link WHERE a = ?1 OR b = ?1;
