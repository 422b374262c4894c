-- takes code
SELECT name, identity, journey, entry, expires_ms, redeemed_ms, percent FROM coupon WHERE code = ?1;
