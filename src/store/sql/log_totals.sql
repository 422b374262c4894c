-- Of all blocks: events, least and greatest time, bytes of columns and of names.
-- gives one: n_events INTEGER, first_ms INTEGER, last_ms INTEGER, n_bytes INTEGER
SELECT ifnull(sum(n_events), 0) AS n_events, ifnull(min(first_ms), 0) AS first_ms, ifnull(max(last_ms), 0) AS last_ms,
       ifnull(sum(n_bytes), 0) + (SELECT ifnull(sum(length(lengths) + length(bytes)), 0) FROM log_names) AS n_bytes
FROM log_block;
