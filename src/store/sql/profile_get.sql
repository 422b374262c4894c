-- The sealed key and members of an identity.
-- takes identity
SELECT key, members FROM profile WHERE identity = ?1;
