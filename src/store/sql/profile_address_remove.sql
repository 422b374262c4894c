-- Forgets an identity's addresses.
DELETE FROM profile_address WHERE identity = ?1;
