-- A segment goes; its members with segment_members_remove.
-- takes id
DELETE FROM segment WHERE id = ?1;
