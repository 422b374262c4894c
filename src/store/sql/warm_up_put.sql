-- Channel ?1 has sent ?4 messages to destination ?2 on day ?3, which is its first where there was none before.
-- takes channel, destination, day, n
INSERT INTO warm_up (channel, destination, first_day, day, n) VALUES (?1, ?2, ?3, ?3, ?4)
ON CONFLICT (channel, destination) DO UPDATE SET day = ?3, n = ?4;
