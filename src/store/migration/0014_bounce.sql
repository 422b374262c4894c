-- What came back of a message: '' nothing, 'hard', 'soft', 'delayed', 'complaint'; and when.
ALTER TABLE message ADD COLUMN returned TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN returned_ms INTEGER NOT NULL DEFAULT 0;
CREATE INDEX message_sent ON message (channel, sent_ms) WHERE sent_ms > 0;
CREATE INDEX message_provider ON message (provider_id) WHERE provider_id <> '';
