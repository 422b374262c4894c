-- The latest statement of everybody on the purposes without which nothing is taken in.
-- gives purpose TEXT
SELECT hash, lower(purpose) AS purpose, is_given FROM consent
WHERE id IN (SELECT max(id) FROM consent WHERE lower(purpose) IN ('analytics', 'tracking')
             GROUP BY hash, lower(purpose));
