-- How many messages of a journey were put since an instant, by channel and quarters of an hour.
-- takes journey TEXT, since_ms INTEGER
-- gives quarter INTEGER, n INTEGER
SELECT channel, queued_ms / 900000 AS quarter, count(*) AS n FROM message
WHERE journey = ?1 AND queued_ms >= ?2 AND status <> 'cancelled' GROUP BY channel, quarter;
