-- The numbers of every customer's stored scores, in order of identity.
SELECT identity, as_of_ms, prediction, p_alive, expected_value_cents FROM score ORDER BY identity;
