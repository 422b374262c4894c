-- How many are and were in each version of journeys.
-- gives entered INTEGER, inside INTEGER, met INTEGER, held INTEGER, last_ms INTEGER
SELECT journey, version, count(*) AS entered, sum(end = '') AS inside, sum(goal_ms > 0) AS met, sum(end = '' AND held <> '') AS held,
       max(entered_ms) AS last_ms
FROM journey_entry GROUP BY journey, version ORDER BY journey, version;
