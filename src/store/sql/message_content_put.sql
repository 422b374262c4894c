-- What message ?1 says.
-- takes id, sealed
INSERT INTO message_content (id, sealed) VALUES (?1, ?2);
