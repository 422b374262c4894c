-- How many messages' contents, queued before ?1, and refused messages, received before ?2, there are.
-- takes messages_before_ms INTEGER, rejects_before_ms INTEGER
-- gives one: messages INTEGER, rejects INTEGER
SELECT (SELECT count(*) FROM message
        WHERE queued_ms < ?1 AND due_ms IS NULL AND status IN ('sent', 'dead', 'cancelled', 'unknown')
          AND EXISTS (SELECT 1 FROM message_content WHERE message_content.id = message.id)) AS messages,
       (SELECT count(*) FROM dead_letter WHERE received_ms < ?2) AS rejects;
