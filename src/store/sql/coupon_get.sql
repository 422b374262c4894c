-- takes code
SELECT name, identity, journey, entry, expires_ms, redeemed_ms FROM coupon WHERE code = ?1;
