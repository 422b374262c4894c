-- The decision ?1, whole.
-- takes id
SELECT id, identity, at_ms, placement, action, propensity, policy, answer, question, trained_ms, features, window, rule
  FROM decision WHERE id = ?1;
