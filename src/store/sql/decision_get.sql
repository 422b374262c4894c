-- The answer of decision ?1.
-- takes id
SELECT answer FROM decision WHERE id = ?1;
