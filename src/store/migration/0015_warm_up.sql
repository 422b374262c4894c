-- How many messages of a channel that is warmed up went to a recipients' domain on its last day, and when its
-- first day was, counted in days since 1970.
-- person warm_up: none
CREATE TABLE warm_up (
    channel     TEXT    NOT NULL,
    destination INTEGER NOT NULL,           -- as in message
    first_day   INTEGER NOT NULL,
    day         INTEGER NOT NULL,
    n           INTEGER NOT NULL,
    PRIMARY KEY (channel, destination)
) WITHOUT ROWID;
