-- Records an import: source, shape, target, currency, first_ms, last_ms, n_refused, json; gives its id.
-- takes source, shape, target, currency, first_ms, last_ms, n_refused, json
INSERT INTO import (source, shape, target, currency, first_ms, last_ms, n_refused, json)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id;
