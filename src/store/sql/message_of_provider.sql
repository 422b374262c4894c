-- The message that a provider calls ?1.
-- takes provider_id
SELECT id FROM message WHERE provider_id = ?1 ORDER BY id DESC LIMIT 1;
