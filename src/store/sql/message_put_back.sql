-- Message ?1, which was taken and not tried, waits again until ?2, for the reason ?3.
-- takes id, due_ms INTEGER, reply
UPDATE message SET status = CASE n_attempts WHEN 1 THEN 'queued' ELSE 'retrying' END, n_attempts = n_attempts - 1, due_ms = ?2,
                   reply = CASE ?3 WHEN '' THEN reply ELSE ?3 END
WHERE id = ?1;
