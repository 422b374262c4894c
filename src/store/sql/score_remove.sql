-- Somebody who is no customer of their own any more.
DELETE FROM score WHERE identity = ?1;
