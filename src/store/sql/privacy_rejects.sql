-- Refused rows whose text holds ?1.
SELECT import_id, number, raw FROM reject WHERE instr(raw, ?1) > 0;
