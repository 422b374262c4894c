-- What was decided and done, as one chain (govern/ledger.h): each row's hash covers the row before.
-- person ledger: erase none, export none
CREATE TABLE ledger (
    n        INTEGER PRIMARY KEY,       -- from 1, without a gap
    at_ms    INTEGER NOT NULL,
    kind     TEXT    NOT NULL,          -- 'decision', 'audit', 'erasure'
    subject  TEXT    NOT NULL,          -- the decision's or act's id; of an erasure the identity
    identity INTEGER NOT NULL,          -- a number that names nobody once the person is erased; 0: nobody
    digest   BLOB    NOT NULL,          -- of the subject's row; of decisions under the vault's key
    hash     BLOB    NOT NULL           -- of the hash before and all of this row
);
CREATE INDEX ledger_subject ON ledger (kind, subject);

-- Where the chain ends, under the vault's key, so that a ledger cut short is found.
-- person ledger_head: none
CREATE TABLE ledger_head (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    n         INTEGER NOT NULL,
    hash      BLOB    NOT NULL,
    decisions INTEGER NOT NULL,         -- how many were there before the ledger began, and are not in it
    acts      INTEGER NOT NULL,
    seal      BLOB    NOT NULL          -- empty as long as the database has no key
);
