-- Keeps an account: id, received_ms, traits.
-- takes id, received_ms, traits
INSERT INTO account (id, received_ms, traits) VALUES (?1, ?2, ?3)
ON CONFLICT (id) DO UPDATE SET received_ms = excluded.received_ms, traits = excluded.traits;
