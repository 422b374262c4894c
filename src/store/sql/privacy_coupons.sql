-- takes identity
SELECT code, name, issued_ms, expires_ms, redeemed_ms FROM coupon WHERE identity = ?1;
