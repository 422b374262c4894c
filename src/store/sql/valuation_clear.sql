-- Forgets what everybody is worth, before it is put anew.
DELETE FROM valuation;
