-- Of all blocks: events, least and greatest time, bytes of columns and of names.
SELECT ifnull(sum(n_events), 0), ifnull(min(first_ms), 0), ifnull(max(last_ms), 0),
       ifnull(sum(n_bytes), 0) + (SELECT ifnull(sum(length(lengths) + length(bytes)), 0) FROM log_names)
FROM log_block;
