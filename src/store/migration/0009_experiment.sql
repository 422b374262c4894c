-- Experiments: what is tried on whom.

-- What was put in force (experiment/design.h); definition is the YAML of it.
-- person experiment: none
CREATE TABLE experiment (
    name       TEXT PRIMARY KEY,
    definition TEXT    NOT NULL,
    started_ms INTEGER NOT NULL,
    stopped_ms INTEGER                  -- NULL: it runs
) WITHOUT ROWID;

-- Who got which arm; only those who were asked about.  unit: what was hashed, the customer's identity seen first.
-- person assignment: erase by identity, export privacy_assignments as assignments
CREATE TABLE assignment (
    experiment TEXT    NOT NULL,
    identity   INTEGER NOT NULL,        -- the customer's first
    unit       TEXT    NOT NULL,
    arm        TEXT    NOT NULL,
    at         INTEGER NOT NULL,        -- Unix milliseconds
    bucket     REAL    NOT NULL,
    is_mixed   INTEGER NOT NULL,        -- two people of different arms turned out to be one
    PRIMARY KEY (experiment, identity)
) WITHOUT ROWID;
CREATE INDEX assignment_identity ON assignment (identity);

-- When somebody first could feel the difference.
-- person exposure: erase by identity, export privacy_exposures as exposures
CREATE TABLE exposure (
    experiment TEXT    NOT NULL,
    identity   INTEGER NOT NULL,        -- the customer's first
    arm        TEXT    NOT NULL,
    at         INTEGER NOT NULL,        -- Unix milliseconds
    how        TEXT    NOT NULL,        -- 'decision', 'message', 'step', 'call'
    PRIMARY KEY (experiment, identity)
) WITHOUT ROWID;
CREATE INDEX exposure_identity ON exposure (identity);
