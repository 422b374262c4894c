-- Forgets what table valuation holds of a person.
-- takes identity
DELETE FROM valuation WHERE identity = ?1;
