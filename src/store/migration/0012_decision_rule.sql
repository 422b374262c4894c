-- Why a decision stands for how long, and by which rule nothing was done, as columns: experiments and the ledger ask.
-- Decisions before this tell it in their answers only.
ALTER TABLE decision ADD COLUMN window TEXT;            -- the stretch of time that it stands for ("7d 2882"); NULL: this once
ALTER TABLE decision ADD COLUMN rule   TEXT;            -- of reach, that left nothing to choose; NULL: none
UPDATE decision SET rule = json_extract(answer, '$.rule') WHERE json_valid(answer);
