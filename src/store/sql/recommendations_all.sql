-- All lists that were recommended to somebody, customer by customer.
-- gives id TEXT, identity INTEGER, at_ms INTEGER, placement TEXT, model TEXT, answer TEXT
SELECT id, identity, at_ms, placement, model, answer FROM recommendation WHERE identity > 0 ORDER BY identity, at_ms, id;
