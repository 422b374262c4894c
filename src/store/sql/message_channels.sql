-- Messages by channel and state that were put since an instant, or still wait.
-- takes since_ms INTEGER
-- gives n INTEGER, last_ms INTEGER
SELECT channel, status, count(*) AS n, coalesce(max(sent_ms), 0) AS last_ms FROM message
WHERE queued_ms >= ?1 OR status IN ('queued', 'sending', 'retrying') GROUP BY channel, status;
