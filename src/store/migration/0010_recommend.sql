-- What is known of items, and what recommends them.

-- What files say of each item (table/catalogue.h); what was said before stays.
-- person item_version: none
CREATE TABLE item_version (
    item     TEXT NOT NULL,
    since_ms INTEGER NOT NULL,      -- when it was imported
    facts    TEXT NOT NULL,         -- all that is then known of it, a JSON object
    PRIMARY KEY (item, since_ms)
) WITHOUT ROWID;

-- What recommends items (learn/recommender_store.h), the newest of each question.
-- person recommender: none
CREATE TABLE recommender (
    question TEXT PRIMARY KEY,
    as_of_ms INTEGER NOT NULL,      -- what happened before it was learned from
    name     TEXT NOT NULL,         -- of the model
    kinds    TEXT NOT NULL,         -- JSON: what each kind of event counts; below 0: it takes back
    board    TEXT NOT NULL,         -- JSON, as recommend --json prints it
    bytes    BLOB NOT NULL
) WITHOUT ROWID;

-- What was recommended to a customer, with the probability of each item.
-- person recommendation: erase by identity, export privacy_recommendations as recommendations
CREATE TABLE recommendation (
    id        TEXT PRIMARY KEY,
    identity  INTEGER NOT NULL,     -- the customer as of then; 0 where it was for no one
    at_ms     INTEGER NOT NULL,
    placement TEXT NOT NULL,
    model     TEXT NOT NULL,
    answer    TEXT NOT NULL         -- JSON, as it was given
) WITHOUT ROWID;
CREATE INDEX recommendation_identity ON recommendation (identity, at_ms);

-- How often an item without a history was shown, so that it is shown until something is known of it.
-- person item_shown: none
CREATE TABLE item_shown (
    item TEXT PRIMARY KEY,
    n    INTEGER NOT NULL
) WITHOUT ROWID;
