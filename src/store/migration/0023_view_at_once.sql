-- Segments are counted once for everybody: nothing finds a member's rows by the customer, and a look at each would
-- read all of them for each.
DROP VIEW customers;
CREATE VIEW customers AS
SELECT valuation.identity AS customer, datetime(valued_ms / 1000, 'unixepoch') AS valued_at, p_alive, expected_orders,
       expected_value_cents / 100.0 AS expected_value, value_if_stays_cents / 100.0 AS value_if_stays,
       rfm_group, cluster, stage, date(last_goal_day * 86400, 'unixepoch') AS last_goal_on,
       coalesce(belonging.n, 0) AS n_segments,
       (SELECT count(*) FROM message WHERE message.identity = valuation.identity AND sent_ms > 0) AS n_messages
FROM valuation
LEFT JOIN (SELECT identity, count(*) AS n FROM segment_member GROUP BY identity) AS belonging USING (identity);
