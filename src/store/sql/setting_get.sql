-- The value of a setting that a person changed.
-- takes name
SELECT value FROM setting WHERE name = ?1;
