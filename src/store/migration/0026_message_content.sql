-- What a message says lies apart from what becomes of it, which changes twice at least: with a long text beside it each
-- change wrote all of it once more.  sealed: where to and what, under the key of the customer's profile.
-- person message_content: erase in store/migration/0026_message_content.sql, export none
CREATE TABLE message_content (
    id     INTEGER PRIMARY KEY,     -- of the message
    sealed BLOB    NOT NULL
);
INSERT INTO message_content SELECT id, sealed FROM message;
ALTER TABLE message DROP COLUMN sealed;
CREATE TRIGGER message_gone AFTER DELETE ON message BEGIN DELETE FROM message_content WHERE id = old.id; END;
