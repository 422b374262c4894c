-- The tables of the store.  Money in cents, time in Unix milliseconds UTC.  Before each stands what erasing and
-- exporting a person does with it (tools/statements.c); those of which neither takes anything name nobody.

-- The log (log.h).  A block holds events of one partition, or as partition 64 a small append of any
-- partitions.  id = append number << 27 | part << 11 | partition << 4, so that within a partition blocks read
-- in the order of their ids are in the order appended; column c of a block is row id + c of log_column.
-- person log_block: erase in log/log_forget.c, export in govern/privacy_export.c
CREATE TABLE log_block (
    id        INTEGER PRIMARY KEY,
    partition INTEGER NOT NULL,
    n_events  INTEGER NOT NULL,
    first_ms  INTEGER NOT NULL,     -- least and greatest time_ms
    last_ms   INTEGER NOT NULL,
    columns   INTEGER NOT NULL,     -- bit c: column c is stored; else it is all zeros
    n_bytes   INTEGER NOT NULL,     -- of the columns
    checksum  INTEGER NOT NULL      -- of the numbers above but id
);
CREATE INDEX log_block_partition ON log_block (partition);

-- How many blocks a partition has, so that one that a damaged page lost is missed.
-- person log_partition: none
CREATE TABLE log_partition (
    partition INTEGER PRIMARY KEY,
    n_blocks  INTEGER NOT NULL,
    n_events  INTEGER NOT NULL
);
CREATE TRIGGER log_block_is_added AFTER INSERT ON log_block BEGIN
    INSERT INTO log_partition (partition, n_blocks, n_events) VALUES (NEW.partition, 1, NEW.n_events)
    ON CONFLICT (partition) DO UPDATE SET n_blocks = n_blocks + 1, n_events = n_events + NEW.n_events;
END;
CREATE TRIGGER log_block_is_removed AFTER DELETE ON log_block BEGIN
    UPDATE log_partition SET n_blocks = n_blocks - 1, n_events = n_events - OLD.n_events
    WHERE partition = OLD.partition;
END;

-- person log_column: erase in log/log_forget.c, export in govern/privacy_export.c
CREATE TABLE log_column (
    id    INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL             -- log_column.h
);

-- Names of a dictionary, from first_index on; id = dictionary << 40 | first_index.
-- person log_names: erase in log/log_forget.c, export in govern/privacy_export.c
CREATE TABLE log_names (
    id      INTEGER PRIMARY KEY,
    n_names INTEGER NOT NULL,
    lengths BLOB NOT NULL,
    bytes   BLOB NOT NULL
);

-- Trained models; the newest of a question is in force.  features and evidence are JSON, predictor its own bytes.
-- person model: none
CREATE TABLE model (
    id            INTEGER PRIMARY KEY,
    question      TEXT NOT NULL,
    as_of_ms      INTEGER NOT NULL,
    question_json TEXT NOT NULL,
    features      TEXT NOT NULL,
    predictor     BLOB NOT NULL,
    evidence      TEXT NOT NULL
);

-- What the newest scoring thinks of each customer.  prediction is the answer to the question (NULL: not asked).
-- person score: erase by identity, export privacy_scores as scores
CREATE TABLE score (
    identity             INTEGER PRIMARY KEY,
    customer             TEXT NOT NULL,
    as_of_ms             INTEGER NOT NULL,
    prediction           REAL,
    p_alive              REAL,
    expected_orders      REAL,
    expected_value_cents INTEGER NOT NULL,
    expected_loss_cents  INTEGER NOT NULL,
    segment              TEXT,
    cluster              TEXT,
    stage                TEXT,
    last_goal_day        INTEGER,
    reasons              TEXT,          -- a JSON array of sentences
    question             TEXT NOT NULL
);

-- Files brought in (table/import.h), newest last.
-- person import: none
CREATE TABLE import (
    id        INTEGER PRIMARY KEY,
    source    TEXT NOT NULL,            -- the file's name
    shape     TEXT NOT NULL,
    target    TEXT,                     -- the label column of a table
    currency  TEXT NOT NULL,            -- '' where unknown
    first_ms  INTEGER NOT NULL,
    last_ms   INTEGER NOT NULL,
    n_refused INTEGER NOT NULL,         -- more than there are rows in reject, if very many
    json      TEXT NOT NULL             -- what import --json printed
);

-- Rows of a file that were refused.
-- person reject: erase in govern/privacy.c, export none
CREATE TABLE reject (
    import_id   INTEGER NOT NULL REFERENCES import (id),
    number      INTEGER NOT NULL,       -- from 1, in the order of the file
    line        INTEGER NOT NULL,
    column_name TEXT NOT NULL,          -- '' for the row as a whole
    reason      TEXT NOT NULL,
    raw         TEXT NOT NULL,          -- cut at 1 KiB
    PRIMARY KEY (import_id, number)
) WITHOUT ROWID;

-- What was decided for a customer at a place, with what was known then (server/routes_decide.c).
-- person decision: erase by identity, export privacy_decisions as decisions
CREATE TABLE decision (
    id         TEXT PRIMARY KEY,        -- random
    identity   INTEGER NOT NULL,        -- the customer as of then
    at_ms      INTEGER NOT NULL,
    placement  TEXT NOT NULL,
    action     TEXT NOT NULL,
    propensity REAL NOT NULL,
    policy     TEXT NOT NULL,
    answer     TEXT NOT NULL,           -- JSON, as it was given: alternatives, scores, reasons
    question   TEXT,                    -- of the model that predicted; NULL without one
    trained_ms INTEGER,                 -- the end of the data it was trained on
    features   BLOB                     -- floats of that model's features, as they were
) WITHOUT ROWID;
CREATE INDEX decision_identity ON decision (identity, at_ms);

-- Messages that could not be taken in (hub/dead_letter.h), newest last.
-- person dead_letter: erase in hub/dead_letter.c, export none
CREATE TABLE dead_letter (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    received_ms INTEGER NOT NULL,
    source      TEXT NOT NULL,
    protocol    TEXT NOT NULL,
    sealed      BLOB NOT NULL,          -- what was sent, how, and why it was refused, under the master key (vault.h)
    is_cut      INTEGER NOT NULL
);

-- Accounts: companies and other groups that customers belong to; the latest of each trait.
-- person account: none
CREATE TABLE account (
    id          TEXT PRIMARY KEY,
    received_ms INTEGER NOT NULL,
    traits      TEXT NOT NULL           -- a flat JSON object without personal members
) WITHOUT ROWID;

-- Settings that a person changed; what is not here has the program's own value.
-- person setting: none
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Which identities are one person (customer/identity.h).  a and b are indexes of the log's dictionary, a < b; how is
-- enum link_how.  A link that was removed keeps its row, and counts as never made.
-- person identity_link: erase in customer/identity.c, export in govern/privacy_export.c
CREATE TABLE identity_link (
    id          INTEGER PRIMARY KEY,        -- in the order made
    a           INTEGER NOT NULL,
    b           INTEGER NOT NULL,
    how         INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    removed_ms  INTEGER                     -- NULL: in force
);
CREATE UNIQUE INDEX identity_link_pair ON identity_link (a, b) WHERE removed_ms IS NULL;
CREATE INDEX identity_link_b ON identity_link (b);

-- Links that were not made, and why; the same refusal again is counted.
-- person identity_refused: erase in customer/identity.c, export none
CREATE TABLE identity_refused (
    a        INTEGER NOT NULL,
    b        INTEGER NOT NULL,
    how      INTEGER NOT NULL,
    why      TEXT NOT NULL,
    n        INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms  INTEGER NOT NULL,
    PRIMARY KEY (a, b, how, why)
) WITHOUT ROWID;

-- Personal members of identities (customer/profile.h): key is sealed under the master key, members, JSON, under
-- key.  Without the key file both are noise.
-- person profile: erase in customer/profile.c, export in customer/profile.c
CREATE TABLE profile (
    identity   INTEGER PRIMARY KEY,
    key        BLOB NOT NULL,
    members    BLOB NOT NULL,
    changed_ms INTEGER NOT NULL
);

-- Whose e-mail address or telephone number hashes to what, under the look-up key.
-- person profile_address: erase in customer/profile.c, export none
CREATE TABLE profile_address (
    identity INTEGER NOT NULL,
    hash     BLOB NOT NULL,
    PRIMARY KEY (identity, hash)
) WITHOUT ROWID;
CREATE INDEX profile_address_hash ON profile_address (hash);

-- Who must not be heard (customer/consent.h), by keyed hash of the identity's text: it names nobody.
-- person suppression: erase none, export in customer/consent.c
CREATE TABLE suppression (
    hash     BLOB PRIMARY KEY,
    since_ms INTEGER NOT NULL,
    source   TEXT NOT NULL
) WITHOUT ROWID;

-- What people said they agree to; of a person and purpose the latest counts.
-- person consent: erase in customer/consent.c, export in customer/consent.c
CREATE TABLE consent (
    id        INTEGER PRIMARY KEY,
    hash      BLOB NOT NULL,            -- as in suppression
    purpose   TEXT NOT NULL,            -- "email", "analytics" ...
    is_given  INTEGER NOT NULL,
    stated_ms INTEGER NOT NULL,
    source    TEXT NOT NULL,
    proof     TEXT NOT NULL
);
CREATE INDEX consent_hash ON consent (hash);

-- What people asked for who have a right to it (govern/privacy.h).  Names nobody: identity is an index of the log's
-- dictionary, 0 where nobody was known by the id.
-- person privacy_request: erase none, export privacy_requests_of as requests
CREATE TABLE privacy_request (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL,         -- 'export', 'erase'
    identity     INTEGER NOT NULL,
    source       TEXT NOT NULL,
    requested_ms INTEGER NOT NULL,
    due_ms       INTEGER NOT NULL,
    state        TEXT NOT NULL,         -- 'waiting', 'erased' (once more for what came meanwhile), 'done', 'unknown'
    done_ms      INTEGER NOT NULL,      -- 0: not yet
    detail       TEXT NOT NULL          -- JSON: what was found and taken away
);

-- Segments of customers (live/membership.h).
-- person segment: none
CREATE TABLE segment (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL UNIQUE COLLATE NOCASE,
    expression  TEXT NOT NULL,
    description TEXT NOT NULL,
    created_ms  INTEGER NOT NULL,
    version     INTEGER NOT NULL,       -- 1, and one more whenever the expression changes
    complete    INTEGER NOT NULL        -- the version for which everybody has been looked at
);

-- Who is in a segment now; identity is the customer's representative in the log's dictionary.
-- person segment_member: erase none, export privacy_memberships as segments
CREATE TABLE segment_member (
    segment  INTEGER NOT NULL,
    identity INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (segment, identity)
) WITHOUT ROWID;

-- Every entering and leaving, in the order of id, which never goes back; nothing is changed afterwards.
-- person segment_event: erase none, export privacy_movements as segment_events
CREATE TABLE segment_event (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    segment  INTEGER NOT NULL,
    identity INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,          -- the instant at which it became so
    entered  INTEGER NOT NULL,          -- 1, or 0: left
    cause    TEXT NOT NULL              -- events, time, merge (of customers), definition (of the segment), start (of
                                        -- the server: it changed while nobody looked)
);

-- Write keys and API tokens (govern/access.h).  A secret is chance and only its hash is kept.
-- person access_key: none
CREATE TABLE access_key (
    id         INTEGER PRIMARY KEY,
    is_token   INTEGER NOT NULL,        -- 0: a write key
    role       TEXT NOT NULL,           -- of a token; 'none' for a write key
    name       TEXT NOT NULL,           -- what it is for; two may share it while one replaces the other
    hint       TEXT NOT NULL,           -- the first letters of the secret
    made_ms    INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,        -- 0: never
    hash       BLOB NOT NULL UNIQUE     -- BLAKE2b, 32 bytes
);

-- People who sign in.  The name is what they sign in with, chosen by whoever administers.
-- person person: none
CREATE TABLE person (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    role     TEXT NOT NULL,
    password TEXT NOT NULL,             -- Argon2id, with its salt and settings
    made_ms  INTEGER NOT NULL
);

-- person session: none
CREATE TABLE session (
    hash       BLOB PRIMARY KEY,        -- BLAKE2b of the cookie, 32 bytes
    person_id  INTEGER NOT NULL REFERENCES person (id),
    expires_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- The secrets that shops' and payment providers' webhooks are signed with, sealed under the database's master key.
-- person webhook: none
CREATE TABLE webhook (
    source TEXT PRIMARY KEY,            -- 'stripe', 'shopify'
    secret BLOB NOT NULL
) WITHOUT ROWID;
