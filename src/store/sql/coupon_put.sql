-- takes code, name, identity, journey, entry, issued_ms, expires_ms, percent
INSERT INTO coupon (code, name, identity, journey, entry, issued_ms, expires_ms, redeemed_ms, redeemed_by, percent)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, ?8);
