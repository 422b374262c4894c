-- Erasures that wait for something and have no timer.
SELECT id FROM privacy_request
WHERE kind = 'erase' AND state IN ('waiting', 'erased') AND identity > 0
  AND NOT EXISTS (SELECT 1 FROM timer WHERE timer.kind = 'privacy' AND timer.who = privacy_request.id);
