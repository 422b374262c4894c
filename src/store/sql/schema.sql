-- The tables of the store.  Money in cents, time in Unix milliseconds UTC.
CREATE TABLE IF NOT EXISTS setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
