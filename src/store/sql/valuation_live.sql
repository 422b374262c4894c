-- What everybody is worth, in order of identity; BG/NBD takes all who bought once for customers still, so where Pareto/NBD
-- says how sure that is, it is what counts.
SELECT identity, valued_ms, coalesce(p_alive_pareto_nbd, p_alive) AS p_alive, expected_value_cents, rfm_group, cluster, stage FROM valuation ORDER BY identity;
