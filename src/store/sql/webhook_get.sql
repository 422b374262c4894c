-- The sealed secret of source ?1.
SELECT secret FROM webhook WHERE source = ?1;
