-- Forgets an identity's addresses.
-- takes identity
DELETE FROM profile_address WHERE identity = ?1;
