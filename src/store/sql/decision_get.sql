-- The answer of decision ?1.
SELECT answer FROM decision WHERE id = ?1;
