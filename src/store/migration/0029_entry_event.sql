-- When the event happened that somebody entered a journey by: what came with it in one request is before or after it.
ALTER TABLE journey_entry ADD COLUMN event_ms INTEGER NOT NULL DEFAULT 0;      -- 0: there was none
