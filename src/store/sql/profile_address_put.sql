-- An address of an identity: identity, hash.
-- takes identity, hash
INSERT OR IGNORE INTO profile_address (identity, hash) VALUES (?1, ?2);
