-- What leaves the house, and what must not.

-- Messages to people and machines (hub/outbox.h), one row for each thing to be said once.  sealed: where to and what,
-- under the key of the customer's profile.
-- person message: erase by identity, export privacy_messages as messages
CREATE TABLE message (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    key         TEXT    NOT NULL UNIQUE,    -- who puts it again with this key puts nothing
    identity    INTEGER NOT NULL,           -- the customer as of then
    journey     TEXT    NOT NULL,           -- '' for none
    version     INTEGER NOT NULL,
    entry       INTEGER NOT NULL,           -- of the journey; 0 for none
    step        TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    topic       TEXT    NOT NULL,
    destination INTEGER NOT NULL,           -- keyed hash of the domain or host that takes it
    status      TEXT    NOT NULL,
    rule        TEXT    NOT NULL,           -- why it was not sent; '' for none
    n_attempts  INTEGER NOT NULL,
    queued_ms   INTEGER NOT NULL,
    due_ms      INTEGER,                    -- NULL: it waits for nothing
    expires_ms  INTEGER NOT NULL,           -- 0: never
    sent_ms     INTEGER NOT NULL,           -- 0: not yet
    reply       TEXT    NOT NULL,           -- what was answered last, without addresses
    provider_id TEXT    NOT NULL,           -- by which the provider speaks of it later
    sealed      BLOB    NOT NULL
);
CREATE INDEX message_due ON message (channel, due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX message_destination ON message (channel, destination, due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX message_status ON message (status) WHERE status <> 'sent';
CREATE INDEX message_identity ON message (identity);
CREATE INDEX message_entry ON message (journey, entry);

-- What no message may leave for, until it is lifted: 'all', 'journey:winback', 'channel:email'.
-- person stop: none
CREATE TABLE stop (
    scope    TEXT PRIMARY KEY,
    since_ms INTEGER NOT NULL,
    who      TEXT NOT NULL
) WITHOUT ROWID;

-- Addresses that nothing is sent to (customer/address.h), by keyed hash: it names nobody, and outlives an erasure.
-- person closed_address: erase none, export none
CREATE TABLE closed_address (
    hash     BLOB PRIMARY KEY,
    channel  TEXT NOT NULL,
    reason   TEXT NOT NULL,                 -- bounce, complaint, refused
    since_ms INTEGER NOT NULL
) WITHOUT ROWID;
