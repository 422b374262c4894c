-- takes identity
SELECT j.name AS journey, m.at_ms, m.rule, m.facts FROM journey_missed m JOIN journey j ON j.id = m.journey WHERE m.identity = ?1;
