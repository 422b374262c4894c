-- The greatest id that a link had, as far as anybody remembers it: of the links, and of what a shard of the warehouse
-- has got, for the newest may have been forgotten since.
-- gives one: id INTEGER
SELECT max(ifnull((SELECT max(id) FROM identity_link), 0), ifnull((SELECT max(link_id) FROM warehouse_shard), 0)) AS id;
