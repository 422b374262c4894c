-- What was last said of item ?1.
-- takes item
SELECT facts FROM item_version WHERE item = ?1 ORDER BY since_ms DESC LIMIT 1;
