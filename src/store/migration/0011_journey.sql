-- Journeys, and where everybody is on their way through them.

-- person journey: none
CREATE TABLE journey (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    version    INTEGER NOT NULL,            -- the newest
    state      TEXT    NOT NULL,            -- active, paused, draft
    from_file  INTEGER NOT NULL,            -- 1: a folder of campaigns holds it
    changed_ms INTEGER NOT NULL
);

-- person journey_version: none
CREATE TABLE journey_version (
    journey     INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    yaml        TEXT    NOT NULL,
    made_ms     INTEGER NOT NULL,
    who         TEXT    NOT NULL,           -- wrote it
    approved_by TEXT    NOT NULL,           -- '': nobody
    approved_ms INTEGER NOT NULL,
    PRIMARY KEY (journey, version)
) WITHOUT ROWID;

-- A way of somebody through a journey (engine/journeys.h).
-- person journey_entry: erase by identity, export privacy_entries as journeys
CREATE TABLE journey_entry (
    id         INTEGER PRIMARY KEY,
    journey    INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    identity   INTEGER NOT NULL,            -- the customer
    key        INTEGER NOT NULL,            -- hash of the trigger's key; 0 none
    entered_ms INTEGER NOT NULL,
    step       TEXT    NOT NULL,            -- '': past the last
    since_ms   INTEGER NOT NULL,
    due_ms     INTEGER,                     -- NULL: not by time
    held       TEXT    NOT NULL,            -- the rule that holds a message; '' none
    flags      INTEGER NOT NULL,            -- 1 the learned hour was waited for, 2 an answer is awaited
    end        TEXT    NOT NULL,            -- '': inside
    ended_ms   INTEGER NOT NULL,
    goal_ms    INTEGER NOT NULL,            -- 0: not met
    event      TEXT    NOT NULL,            -- JSON of what they entered by; ''
    coupon     TEXT    NOT NULL             -- JSON of the one issued last; ''
);
CREATE INDEX journey_entry_identity ON journey_entry (identity, journey, key, id);
CREATE INDEX journey_entry_inside ON journey_entry (journey, version) WHERE end = '';

-- Each step that somebody took, with what was known then: why.
-- person journey_line: erase by identity, export privacy_lines as journey_steps
CREATE TABLE journey_line (
    id       INTEGER PRIMARY KEY,
    entry    INTEGER NOT NULL,
    identity INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    step     TEXT    NOT NULL,
    outcome  TEXT    NOT NULL,
    rule     TEXT    NOT NULL,
    sentence TEXT    NOT NULL,
    facts    TEXT    NOT NULL,              -- JSON
    message  INTEGER NOT NULL               -- of table message; 0 none
);
CREATE INDEX journey_line_entry ON journey_line (entry);
CREATE INDEX journey_line_identity ON journey_line (identity);

-- Who was meant and did not enter.
-- person journey_missed: erase by identity, export privacy_missed as journeys_not_entered
CREATE TABLE journey_missed (
    id       INTEGER PRIMARY KEY,
    journey  INTEGER NOT NULL,
    identity INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    rule     TEXT    NOT NULL,
    facts    TEXT    NOT NULL
);
CREATE INDEX journey_missed_identity ON journey_missed (identity, journey);

-- To whom a step has gone at an address (keyed hash), so that two customers with one address get it once.
-- person journey_address: erase by identity, export none
CREATE TABLE journey_address (
    journey  INTEGER NOT NULL,
    step     TEXT    NOT NULL,
    address  INTEGER NOT NULL,
    identity INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    PRIMARY KEY (journey, step, address)
) WITHOUT ROWID;
CREATE INDEX journey_address_identity ON journey_address (identity);

-- What journeys say as a client would: traits and events, taken in like any other message, once.
-- person journey_saying: erase by identity, export none
CREATE TABLE journey_saying (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    identity INTEGER NOT NULL,
    body     TEXT    NOT NULL               -- JSON, of Segment's shape
);

-- person task: erase by identity, export privacy_tasks as tasks
CREATE TABLE task (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    identity   INTEGER NOT NULL,
    journey    TEXT    NOT NULL,
    step       TEXT    NOT NULL,
    entry      INTEGER NOT NULL,
    words      TEXT    NOT NULL,
    reasons    TEXT    NOT NULL,            -- JSON: facts as they were
    state      TEXT    NOT NULL,            -- open, taken, snoozed, done
    owner      TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,
    due_ms     INTEGER NOT NULL,            -- snoozed until; 0
    done_ms    INTEGER NOT NULL,
    outcome    TEXT    NOT NULL
);
CREATE INDEX task_state ON task (state, created_ms);
CREATE INDEX task_identity ON task (identity);

-- person coupon: erase by identity, export privacy_coupons as coupons
CREATE TABLE coupon (
    code        TEXT PRIMARY KEY,           -- what the customer types
    name        TEXT    NOT NULL,           -- of the step: WIN10
    identity    INTEGER NOT NULL,           -- for whom it was issued
    journey     TEXT    NOT NULL,
    entry       INTEGER NOT NULL,
    issued_ms   INTEGER NOT NULL,
    expires_ms  INTEGER NOT NULL,           -- 0: never
    redeemed_ms INTEGER NOT NULL,           -- 0: not yet
    redeemed_by INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX coupon_identity ON coupon (identity);
