-- Which identities and arrivals a block of the log holds (log/chunk.h): for reading one customer, and for reading along.
-- Blocks of before do not say whose events they hold; they arrived in the order of their ids.
ALTER TABLE log_block ADD COLUMN first_identity INTEGER;
ALTER TABLE log_block ADD COLUMN last_identity INTEGER;
ALTER TABLE log_block ADD COLUMN first_sequence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE log_block ADD COLUMN last_sequence INTEGER NOT NULL DEFAULT 0;
UPDATE log_block SET first_sequence = counted.up_to - n_events + 1, last_sequence = counted.up_to
FROM (SELECT id AS block, sum(n_events) OVER (ORDER BY id) AS up_to FROM log_block) AS counted
WHERE counted.block = log_block.id;
CREATE INDEX log_block_sequence ON log_block (last_sequence);
