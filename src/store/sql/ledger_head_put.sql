-- The ledger's new end.
-- takes n, hash, decisions, acts, seal
INSERT OR REPLACE INTO ledger_head VALUES (1, ?1, ?2, ?3, ?4, ?5);
