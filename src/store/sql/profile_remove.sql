-- Forgets an identity's key and members.
-- takes identity
DELETE FROM profile WHERE identity = ?1;
