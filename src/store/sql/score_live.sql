-- Every stored answer, in order of identity.
SELECT identity, question, as_of_ms, prediction FROM score ORDER BY identity, question;
