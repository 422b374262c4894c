-- Keeps an identity's profile: identity, key, members, changed_ms.
-- takes identity, key, members, changed_ms
INSERT INTO profile (identity, key, members, changed_ms) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (identity) DO UPDATE
SET key = excluded.key, members = excluded.members, changed_ms = excluded.changed_ms;
