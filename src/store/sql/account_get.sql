-- The traits of account ?1.
-- takes id
SELECT traits FROM account WHERE id = ?1;
