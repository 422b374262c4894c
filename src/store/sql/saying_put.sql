-- takes identity, body
INSERT INTO journey_saying (identity, body) VALUES (?1, ?2);
