-- Acts below id ?1, newest first, at most ?2; of who ?3 and about what begins with ?4, '' for any.
-- takes below INTEGER, most INTEGER, who, begins TEXT
SELECT id, at_ms, who, what, identity FROM audit
WHERE id < ?1 AND (?3 = '' OR who = ?3) AND (?4 = '' OR substr(what, 1, length(?4)) = ?4)
ORDER BY id DESC LIMIT ?2;
