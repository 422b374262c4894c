-- Refused rows whose text holds ?1.
-- takes text TEXT
SELECT import_id, number, raw FROM reject WHERE instr(raw, ?1) > 0;
