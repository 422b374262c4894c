-- Why somebody is scored as they are is told from their row when it is shown, and kept no more.
ALTER TABLE score DROP COLUMN reasons;
