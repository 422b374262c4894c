-- Somebody who is no customer of their own any more.
-- takes identity
DELETE FROM score WHERE identity = ?1;
