-- Who has the address of this hash.
-- takes hash
SELECT identity FROM profile_address WHERE hash = ?1 ORDER BY identity;
