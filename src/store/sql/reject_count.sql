-- How many rows import ?1 refused; of the newest import if it is 0.
-- takes id
SELECT id, n_refused FROM import WHERE id = ?1 OR (?1 = 0 AND id = (SELECT MAX(id) FROM import));
