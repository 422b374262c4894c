-- takes entry
SELECT at_ms, l.step AS step, outcome, l.rule AS rule, sentence, facts, message, coalesce(m.status, '') AS status,
       coalesce(m.reply, '') AS reply
FROM journey_line l LEFT JOIN message m ON m.id = l.message WHERE l.entry = ?1 ORDER BY l.id;
