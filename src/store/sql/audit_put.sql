-- Who changed what.
-- takes at_ms, who, what, identity
INSERT INTO audit (at_ms, who, what, identity) VALUES (?1, ?2, ?3, ?4);
