-- Takes away what messages said and to whom, of those queued before ?1 that wait for nothing; at most ?2.
-- takes before_ms INTEGER, most INTEGER
DELETE FROM message_content WHERE id IN (
    SELECT id FROM message
    WHERE queued_ms < ?1 AND due_ms IS NULL AND status IN ('sent', 'dead', 'cancelled', 'unknown')
      AND EXISTS (SELECT 1 FROM message_content WHERE message_content.id = message.id)
    LIMIT ?2);
