-- Takes link ?1 out of force at ?2.
-- takes id, removed_ms INTEGER
UPDATE identity_link SET removed_ms = ?2 WHERE id = ?1;
