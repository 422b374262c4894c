-- How often items without a history were shown.
SELECT item, n FROM item_shown ORDER BY item;
