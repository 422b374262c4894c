-- Counts that an item without a history was shown.
-- takes item
INSERT INTO item_shown (item, n) VALUES (?1, 1) ON CONFLICT (item) DO UPDATE SET n = n + 1;
