-- The sealed secret of source ?1.
-- takes source
SELECT secret FROM webhook WHERE source = ?1;
