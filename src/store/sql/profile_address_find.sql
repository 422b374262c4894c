-- Who has the address of this hash.
SELECT identity FROM profile_address WHERE hash = ?1 ORDER BY identity;
