-- Plans above the limits of `approve`: who wanted one committed, and who else said yes.
-- person plan_approval: none
CREATE TABLE plan_approval (
    as_of_ms    INTEGER PRIMARY KEY,
    digest      INTEGER NOT NULL,       -- of whom it chooses for what: another plan needs another yes
    asked_by    TEXT    NOT NULL,
    asked_ms    INTEGER NOT NULL,
    approved_by TEXT    NOT NULL,       -- '' as long as it waits
    approved_ms INTEGER NOT NULL
);
