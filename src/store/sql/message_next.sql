-- When the next message of channel ?1 is due; NULL: there is none.
-- takes channel
-- gives due_ms INTEGER NULL
SELECT min(due_ms) AS due_ms FROM message WHERE channel = ?1 AND due_ms IS NOT NULL;
