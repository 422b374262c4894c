-- What a coupon takes off and what it did, and for how much a day a version of a journey was approved: more asks again.
ALTER TABLE coupon ADD COLUMN percent        REAL    NOT NULL DEFAULT 0;                -- 0: nobody has said
ALTER TABLE coupon ADD COLUMN discount_cents INTEGER NOT NULL DEFAULT 0;                -- once it is redeemed
CREATE INDEX coupon_redeemed ON coupon (journey, redeemed_ms) WHERE redeemed_ms > 0;
ALTER TABLE journey_version ADD COLUMN approved_budget REAL NOT NULL DEFAULT 0;         -- 0: any
