-- Keeps what recommends, instead of what did for the question before.
-- takes question, as_of_ms, name, kinds, board, bytes
INSERT INTO recommender (question, as_of_ms, name, kinds, board, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (question) DO UPDATE SET as_of_ms = excluded.as_of_ms, name = excluded.name, kinds = excluded.kinds,
                                     board = excluded.board,
                                     bytes = excluded.bytes;
