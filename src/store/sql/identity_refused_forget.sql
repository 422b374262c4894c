-- Forgets the refused links of identity ?1.
DELETE FROM identity_refused WHERE a = ?1 OR b = ?1;
