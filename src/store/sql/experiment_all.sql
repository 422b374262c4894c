-- All experiments, with how many were exposed; the newest first.
-- gives n INTEGER
SELECT name, definition, started_ms, stopped_ms, (SELECT count(*) FROM exposure WHERE exposure.experiment = experiment.name) AS n
FROM experiment ORDER BY started_ms DESC, name;
