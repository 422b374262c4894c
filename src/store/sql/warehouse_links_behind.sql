-- Of links that a shard of the warehouse has not got, or has not been told the end of: how many, and the first.
-- takes link_id INTEGER, removed_ms INTEGER
-- gives one: n INTEGER, first_ms INTEGER
SELECT count(*) AS n, ifnull(min(received_ms), 0) AS first_ms FROM identity_link WHERE id > ?1 OR removed_ms > ?2;
