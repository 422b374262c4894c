-- takes as_of_ms
SELECT digest, asked_by, asked_ms, approved_by, approved_ms FROM plan_approval WHERE as_of_ms = ?1;
