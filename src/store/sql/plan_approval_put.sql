-- takes as_of_ms, digest, asked_by, asked_ms, approved_by, approved_ms
INSERT OR REPLACE INTO plan_approval (as_of_ms, digest, asked_by, asked_ms, approved_by, approved_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);
