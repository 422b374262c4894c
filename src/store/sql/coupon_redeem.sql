-- takes code, redeemed_ms, redeemed_by
UPDATE coupon SET redeemed_ms = ?2, redeemed_by = ?3 WHERE code = ?1;
