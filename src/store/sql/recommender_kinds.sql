-- The kinds of event that recommenders look at.
-- gives kind TEXT
SELECT DISTINCT kind.key AS kind FROM recommender, json_each(recommender.kinds) AS kind ORDER BY kind.key;
