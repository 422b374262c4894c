-- Takes link ?1 out of force at ?2.
UPDATE identity_link SET removed_ms = ?2 WHERE id = ?1;
