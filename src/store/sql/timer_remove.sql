-- Timer ?1 fires, or is not wanted any more.
-- takes id
DELETE FROM timer WHERE id = ?1;
