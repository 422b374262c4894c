-- The next row of the ledger.
-- takes n, at_ms, kind, subject, identity, digest, hash
INSERT INTO ledger VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);
