-- What falls due, and who did what.

-- What is to happen at an instant (hub/timers.h).  Each kind is a queue of its own.
-- person timer: none
CREATE TABLE timer (
    id      INTEGER PRIMARY KEY,
    kind    TEXT    NOT NULL,
    due_ms  INTEGER NOT NULL,
    who     INTEGER NOT NULL,       -- an identity, or what else the kind counts by
    n_tries INTEGER NOT NULL,       -- that failed
    data    BLOB    NOT NULL        -- of the kind's own
);
CREATE INDEX timer_due ON timer (kind, due_ms);
CREATE INDEX timer_who ON timer (kind, who);

-- What people changed with their own hands (govern/audit.h), in the transaction of the change.
-- person audit: erase none, export audit_of as audit
CREATE TABLE audit (
    id       INTEGER PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    who      TEXT    NOT NULL,      -- "cli:ann" for a command of the system's user ann
    what     TEXT    NOT NULL,      -- "identity merge"
    identity INTEGER NOT NULL       -- whom it is about; 0: nobody
);
