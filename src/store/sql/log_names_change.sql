-- Other texts for a block of names: id, lengths, bytes.
-- takes id, lengths, bytes
UPDATE log_names SET lengths = ?2, bytes = ?3 WHERE id = ?1;
