-- The last ?3 blocks of names with ids ?1 .. ?2, last first.
-- takes first INTEGER, last INTEGER, most INTEGER
SELECT id, n_names FROM log_names WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT ?3;
