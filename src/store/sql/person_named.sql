-- The role of the person who logs in as ?1.
-- takes name
SELECT role FROM person WHERE name = ?1;
