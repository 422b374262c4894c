-- Forgets an identity's key and members.
DELETE FROM profile WHERE identity = ?1;
