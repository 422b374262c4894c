-- Every suppressed hash.
SELECT hash FROM suppression;
