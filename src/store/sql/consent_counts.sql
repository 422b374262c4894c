-- How many said yes and no last, by purpose.
-- gives yes INTEGER, no INTEGER
SELECT purpose, sum(is_given <> 0) AS yes, sum(is_given = 0) AS no
FROM (SELECT purpose, is_given FROM consent c WHERE id = (SELECT max(id) FROM consent d WHERE d.hash = c.hash AND d.purpose = c.purpose))
GROUP BY purpose ORDER BY purpose;
