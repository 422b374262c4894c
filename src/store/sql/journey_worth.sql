-- By each channel: how many of the newest 20,000 messages of step ?2 of journey ?1 were sent, and how many of their ways
-- reached the goal.
-- takes journey TEXT, step TEXT
-- gives n_sent INTEGER, n_goals INTEGER
SELECT channel, count(*) AS n_sent, sum(goal_ms > 0) AS n_goals
FROM (SELECT channel, entry FROM message WHERE journey = ?1 AND step = ?2 AND status = 'sent' ORDER BY entry DESC LIMIT 20000)
JOIN journey_entry ON journey_entry.id = entry
GROUP BY channel;
