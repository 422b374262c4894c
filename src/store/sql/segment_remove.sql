-- A segment goes; its members with segment_members_remove.
DELETE FROM segment WHERE id = ?1;
