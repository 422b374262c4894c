-- The conditions that a segment had before, until when each was in force, and how many were in it then.
-- person segment_version: none
CREATE TABLE segment_version (
    segment    INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    expression TEXT    NOT NULL,
    until_ms   INTEGER NOT NULL,
    n_members  INTEGER NOT NULL,
    PRIMARY KEY (segment, version)
) WITHOUT ROWID;
