-- Every item as of ?1, by name: what was last said of it before.  What the first file ever said counts as always so.
-- takes since_ms
SELECT item, facts FROM item_version AS version
WHERE since_ms = (SELECT max(since_ms) FROM item_version AS other WHERE other.item = version.item AND
                  other.since_ms < max(?1, (SELECT min(since_ms) + 1 FROM item_version)))
ORDER BY item;
