-- What the ledger holds from ?1 on, with what is still known of it, newest first.
-- takes since_ms INTEGER
-- gives who TEXT NULL, what TEXT NULL, placement TEXT NULL, action TEXT NULL, propensity REAL NULL, policy TEXT NULL, answer TEXT NULL
SELECT l.n, l.at_ms, l.kind, l.subject, l.identity, a.who AS who, a.what AS what, d.placement AS placement, d.action AS action,
       d.propensity AS propensity, d.policy AS policy, d.answer AS answer
  FROM ledger l LEFT JOIN audit a ON l.kind = 'audit' AND a.id = CAST(l.subject AS INTEGER)
                LEFT JOIN decision d ON l.kind = 'decision' AND d.id = l.subject
 WHERE l.at_ms >= ?1 ORDER BY l.n DESC;
