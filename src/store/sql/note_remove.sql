-- Note ?1, if ?2 wrote it ('': whoever did).
-- takes id, who
DELETE FROM note WHERE id = ?1 AND (?2 = '' OR who = ?2);
