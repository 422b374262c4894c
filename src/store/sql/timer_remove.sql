-- Timer ?1 fires, or is not wanted any more.
DELETE FROM timer WHERE id = ?1;
