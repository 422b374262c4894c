-- What a customer would spend if they stay, and what Pareto/NBD says of them; NULL: not known.
ALTER TABLE valuation ADD COLUMN value_if_stays_cents INTEGER;
ALTER TABLE valuation ADD COLUMN p_alive_pareto_nbd REAL;
ALTER TABLE valuation ADD COLUMN expected_orders_pareto_nbd REAL;
ALTER TABLE valuation ADD COLUMN dert REAL;             -- orders to come, discounted
