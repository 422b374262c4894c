-- Nothing is sent to the address that hashes to ?1: channel, reason, since_ms.
-- takes hash, channel, reason, since_ms
INSERT INTO closed_address (hash, channel, reason, since_ms) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (hash) DO NOTHING;
