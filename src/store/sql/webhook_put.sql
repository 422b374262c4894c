-- Keeps the sealed secret of a source, in place of an older one: source, secret.
-- takes source, secret
INSERT INTO webhook (source, secret) VALUES (?1, ?2) ON CONFLICT (source) DO UPDATE SET secret = excluded.secret;
