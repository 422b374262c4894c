-- The value of a setting that a person changed.
SELECT value FROM setting WHERE name = ?1;
