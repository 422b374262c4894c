-- takes id, coupon
UPDATE journey_entry SET coupon = ?2 WHERE id = ?1;
