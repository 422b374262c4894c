-- Timers lie in the order in which they fire, so that those of a moment are read and removed together: as rows in the
-- order in which they were put, each that fired changed a page of its own.
-- person timer: none
CREATE TABLE timer_by_instant (
    kind    TEXT    NOT NULL,
    due_ms  INTEGER NOT NULL,
    who     INTEGER NOT NULL,       -- an identity, or what else the kind counts by
    n       INTEGER NOT NULL,       -- tells those of one kind, instant and who apart
    n_tries INTEGER NOT NULL,       -- that failed
    data    BLOB    NOT NULL,       -- of the kind's own
    PRIMARY KEY (kind, due_ms, who, n)
) WITHOUT ROWID;
INSERT INTO timer_by_instant SELECT kind, due_ms, who, id, n_tries, data FROM timer;
DROP TABLE timer;
ALTER TABLE timer_by_instant RENAME TO timer;
CREATE INDEX timer_who ON timer (kind, who);
