-- What people wrote about somebody or something.
-- person note: erase by identity, export privacy_notes as notes
CREATE TABLE note (
    id       INTEGER PRIMARY KEY,
    about    TEXT    NOT NULL,          -- 'customer', 'segment', 'journey', 'experiment'
    subject  TEXT    NOT NULL,          -- which: a number or name; of a customer ''
    identity INTEGER NOT NULL,          -- the customer; 0 none
    at_ms    INTEGER NOT NULL,
    who      TEXT    NOT NULL,
    words    TEXT    NOT NULL
);
CREATE INDEX note_subject ON note (about, subject, id);
CREATE INDEX note_identity ON note (identity);

-- Pages as somebody looked at them, to be looked at again: an address of the server's page.
-- person saved_view: none
CREATE TABLE saved_view (
    id        INTEGER PRIMARY KEY,
    owner     TEXT    NOT NULL,         -- who saved it
    name      TEXT    NOT NULL,
    address   TEXT    NOT NULL,         -- '#/customers?where=...'
    is_shared INTEGER NOT NULL,         -- 1: everybody sees it
    made_ms   INTEGER NOT NULL,
    UNIQUE (owner, name)
);
