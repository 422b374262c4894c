-- Messages sent from ?1 on and before ?2, with whom they went to.
-- takes from_ms INTEGER, until_ms INTEGER
SELECT identity, channel, sent_ms FROM message WHERE sent_ms >= ?1 AND sent_ms < ?2 AND sent_ms > 0;
