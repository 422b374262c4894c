-- takes identity
SELECT code, name, issued_ms, expires_ms, redeemed_ms, percent, discount_cents FROM coupon WHERE identity = ?1;
