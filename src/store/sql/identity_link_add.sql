-- A new link: id, a, b, how, received_ms.
-- takes id, a, b, how, received_ms
INSERT INTO identity_link (id, a, b, how, received_ms) VALUES (?1, ?2, ?3, ?4, ?5);
