-- The traits of account ?1.
SELECT traits FROM account WHERE id = ?1;
