-- More people let into an experiment that runs, by hand; what its definition plans stays as it is written.
-- person experiment_ramp: none
CREATE TABLE experiment_ramp (
    experiment TEXT    NOT NULL,
    at         INTEGER NOT NULL,        -- Unix milliseconds
    share      REAL    NOT NULL,        -- of those who may take part, from then on
    PRIMARY KEY (experiment, at)
) WITHOUT ROWID;
