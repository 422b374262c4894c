-- What coupons of a journey took off since an instant, by quarters of an hour, which every zone's days are made of.
-- takes journey TEXT, since_ms INTEGER
-- gives quarter INTEGER, cents INTEGER
SELECT redeemed_ms / 900000 AS quarter, sum(discount_cents) AS cents FROM coupon
WHERE journey = ?1 AND redeemed_ms > 0 AND redeemed_ms >= ?2 GROUP BY quarter;
