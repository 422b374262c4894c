-- What was on its way when the process ended.
SELECT id, channel FROM message WHERE status = 'sending';
