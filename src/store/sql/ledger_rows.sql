-- The whole ledger in its order.
SELECT n, at_ms, kind, subject, identity, digest, hash FROM ledger ORDER BY n;
