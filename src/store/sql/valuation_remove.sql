-- Somebody who is no customer of their own any more.
-- takes identity
DELETE FROM valuation WHERE identity = ?1;
