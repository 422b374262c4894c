-- How many decisions and acts are not in the ledger.
-- gives one: decisions INTEGER, acts INTEGER
SELECT (SELECT count(*) FROM decision WHERE id NOT IN (SELECT subject FROM ledger WHERE kind = 'decision')) AS decisions,
       (SELECT count(*) FROM audit WHERE CAST(id AS TEXT) NOT IN (SELECT subject FROM ledger WHERE kind = 'audit')) AS acts;
