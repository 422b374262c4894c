-- Where the ledger ends.
SELECT n, hash, decisions, acts, seal FROM ledger_head;
