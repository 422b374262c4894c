-- Messages sent to identity ?1 from ?2 on and before ?3, by channel.
-- takes identity, from_ms INTEGER, until_ms INTEGER
-- gives n INTEGER
SELECT channel, count(*) AS n FROM message WHERE identity = ?1 AND sent_ms >= ?2 AND sent_ms < ?3 AND sent_ms > 0 GROUP BY channel;
