-- takes code, name, identity, journey, entry, issued_ms, expires_ms
INSERT INTO coupon (code, name, identity, journey, entry, issued_ms, expires_ms, redeemed_ms, redeemed_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0);
