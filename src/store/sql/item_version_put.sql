-- Keeps what is now said of an item; the last word of one instant counts.
-- takes item, since_ms, facts
INSERT INTO item_version (item, since_ms, facts) VALUES (?1, ?2, ?3)
ON CONFLICT (item, since_ms) DO UPDATE SET facts = excluded.facts;
