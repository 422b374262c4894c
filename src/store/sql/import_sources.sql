-- The names of all files that were imported.
SELECT DISTINCT source FROM import;
