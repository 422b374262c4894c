-- takes code, redeemed_ms, redeemed_by, discount_cents
UPDATE coupon SET redeemed_ms = ?2, redeemed_by = ?3, discount_cents = ?4 WHERE code = ?1;
