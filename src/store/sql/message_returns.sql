-- How many of channel ?1 were sent since ?2, and how many of them bounced or were complained of.
-- takes channel, sent_ms
-- gives one: n_sent INTEGER, n_returned INTEGER
SELECT count(*) AS n_sent, ifnull(sum(returned IN ('hard', 'complaint')), 0) AS n_returned FROM message
WHERE channel = ?1 AND sent_ms >= ?2 AND sent_ms > 0;
